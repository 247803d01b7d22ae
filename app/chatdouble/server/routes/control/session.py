"""The control routes of a session: its queue, its clock, and its reset."""

from typing import Final

from fastapi import APIRouter, Request, Response

from chatdouble.server.control.control import Control
from chatdouble.server.routes.api import answered
from chatdouble.server.routes.control.parts import Session, Sessions, Whose, body, value

_REPLIES: Final = body(
    "A reply as scripts have them, a reply for some requests "
    '(`{"reply": ..., "when": {...}, "model": ..., "times": 2}`), or a list of such.',
    ["Hello!", {"reply": {"error": {"status": 429}}, "when": {"system": "*writer*"}, "model": "gpt-5.4*", "times": 2}],
    *("object", "array", "string"),
)
_CLOCK: Final = body('`{"advance": seconds}`', {"advance": 60}, "object")


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.post("/queue", operation_id="queueReplies", openapi_extra=_REPLIES)
    async def queue(request: Request, session: Session = None) -> Response:
        """Queue a reply or a list of replies, which answer the session's next requests before any rule."""
        return answered({"waiting": await control.queue(whose(request, session), value(await request.body()))})

    @router.get("/queue", operation_id="listQueue")
    async def queued(request: Request, session: Session = None) -> Response:
        """List the replies that wait in the session's queue, the next one first."""
        return answered({"object": "list", "data": await control.queued(whose(request, session))})

    @router.delete("/queue", operation_id="clearQueue")
    async def clear_queue(request: Request, session: Session = None) -> Response:
        """Drop the replies that wait in the session's queue."""
        await control.clear_queue(whose(request, session))
        return answered({"waiting": 0})

    @router.post("/reset", operation_id="reset")
    async def reset(request: Request, session: Sessions = None) -> Response:
        """Clear the session."""
        await control.reset(whose(request, session))
        return answered({"reset": True})

    @router.get("/clock", operation_id="showClock")
    async def show_clock(request: Request, session: Session = None) -> Response:
        """Show the session's clock."""
        return answered(await control.advance(whose(request, session), {"advance": 0}))

    @router.post("/clock", operation_id="moveClock", openapi_extra=_CLOCK)
    async def clock(request: Request, session: Session = None) -> Response:
        """Move the session's clock forward."""
        return answered(await control.advance(whose(request, session), value(await request.body())))
