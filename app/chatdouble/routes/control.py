"""`/_double/`: control by HTTP, with the session's own key."""

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response

from chatdouble import exchange as exchanges
from chatdouble.control import Control
from chatdouble.routes.api import answered
from chatdouble.validation.parsing import unreadable

_REPLIES: Final = {
    "description": "A reply as scripts have them, or a list of such.",
    "required": True,
    "content": {"application/json": {"schema": {"type": ["object", "array", "string"]}}},
}

Session = Annotated[str | None, Query(description="Another session, or * for all; needs the control key.")]


def routes(control: Control) -> APIRouter:
    """Return the control routes."""
    router = APIRouter(prefix="/_double", tags=["control"])

    def whose(request: Request, named: str | None) -> str:
        return control.session(exchanges.of(request.scope).headers, named)

    @router.post("/replies", operation_id="queueReplies", openapi_extra={"requestBody": _REPLIES})
    async def say(request: Request, session: Session = None) -> Response:
        """Queue one reply or a list; they answer this session's next requests, before any rule."""
        return answered({"queued": await control.say(whose(request, session), _value(await request.body()))})

    @router.get("/requests", operation_id="listRequests")
    async def requests(request: Request, session: Session = None) -> Response:
        """List what this session asked, what was answered, and which rule matched or nearly did."""
        return answered({"object": "list", "data": await control.requests(whose(request, session))})

    @router.post("/reset", operation_id="reset")
    async def reset(request: Request, session: Session = None) -> Response:
        """Forget everything of this session."""
        await control.reset(whose(request, session))
        return answered({"reset": True})

    return router


def _value(raw: bytes) -> Any:
    """Return what a body says in JSON: a reply may be an object, a list of them or a string."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise unreadable() from None
