"""The control routes of a session: its queue, its clock, and its reset."""

from typing import Final

from fastapi import APIRouter, Request, Response

from chatdouble.server.control.control import Control
from chatdouble.server.routes.api import answered
from chatdouble.server.routes.control.parts import Session, Sessions, Whose, body, value

_REPLIES: Final = body("A reply as scripts have them, or a list of such.", ["Hello!"], "object", "array", "string")
_CLOCK: Final = body('`{"advance": seconds}`', {"advance": 60}, "object")


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.post("/queue", operation_id="queueReplies", openapi_extra=_REPLIES)
    async def queue(request: Request, session: Session = None) -> Response:
        """Queue a reply or a list of replies, which answer the session's next requests before any rule."""
        return answered({"waiting": await control.queue(whose(request, session), value(await request.body()))})

    @router.post("/reset", operation_id="reset")
    async def reset(request: Request, session: Sessions = None) -> Response:
        """Clear the session."""
        await control.reset(whose(request, session))
        return answered({"reset": True})

    @router.post("/clock", operation_id="moveClock", openapi_extra=_CLOCK)
    async def clock(request: Request, session: Session = None) -> Response:
        """Move the session's clock forward."""
        return answered(await control.advance(whose(request, session), value(await request.body())))
