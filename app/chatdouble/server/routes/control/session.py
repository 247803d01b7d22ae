"""The control routes of a session: its queue, its clock, and its reset."""

from typing import Any, Final, Literal

from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict

from chatdouble.scripts.format.conversation import QueuedSpec
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.server.control.control import ClockSpec, Control
from chatdouble.server.control.state import Clock
from chatdouble.server.routes.api import answered, answered_apart
from chatdouble.server.routes.control.parts import Session, Sessions, Whose, typed_body, value

_REPLIES: Final = typed_body(
    "A reply as scripts have them, a reply for some requests "
    '(`{"reply": ..., "when": {...}, "model": ..., "times": 2}`), or a list of such.',
    ["Hello!", {"reply": {"error": {"status": 429}}, "when": {"system": "*writer*"}, "model": "gpt-5.4*", "times": 2}],
    QueuedSpec | ReplySpec | list[QueuedSpec | ReplySpec],
)
_CLOCK: Final = typed_body("The seconds by which to move it.", {"advance": 60}, ClockSpec)


class QueueLength(TypedDict):
    """The length of a session's queue.

    Attributes:
        waiting: The number of replies that wait.
    """

    waiting: int


class QueueList(TypedDict):
    """A session's queue.

    Attributes:
        object: `list`.
        data: The replies that wait, as they were queued, the next one first.
    """

    object: Literal["list"]
    data: list[Any]


class ResetSession(TypedDict):
    """A session that was reset.

    Attributes:
        reset: True.
    """

    reset: Literal[True]


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.post("/queue", operation_id="queueReplies", response_model=QueueLength, openapi_extra=_REPLIES)
    async def queue(request: Request, session: Session = None) -> Response:
        """Queue a reply or a list of replies, which answer the session's next requests before any rule."""
        return answered({"waiting": await control.queue(whose(request, session), await value(request))})

    @router.get("/queue", operation_id="listQueue", response_model=QueueList)
    async def queued(request: Request, session: Session = None) -> Response:
        """List the replies that wait in the session's queue, the next one first."""
        return await answered_apart({"object": "list", "data": await control.queued(whose(request, session))})

    @router.delete("/queue", operation_id="clearQueue", response_model=QueueLength)
    async def clear_queue(request: Request, session: Session = None) -> Response:
        """Drop the replies that wait in the session's queue."""
        await control.clear_queue(whose(request, session))
        return answered({"waiting": 0})

    @router.post("/reset", operation_id="reset", response_model=ResetSession)
    async def reset(request: Request, session: Sessions = None) -> Response:
        """Clear the session."""
        await control.reset(whose(request, session))
        return answered({"reset": True})

    @router.get("/clock", operation_id="showClock", response_model=Clock)
    async def show_clock(request: Request, session: Session = None) -> Response:
        """Show the session's clock."""
        return answered(await control.advance(whose(request, session), {"advance": 0}))

    @router.post("/clock", operation_id="moveClock", response_model=Clock, openapi_extra=_CLOCK)
    async def clock(request: Request, session: Session = None) -> Response:
        """Move the session's clock forward."""
        return answered(await control.advance(whose(request, session), await value(request)))
