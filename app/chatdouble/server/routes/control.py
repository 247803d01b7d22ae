"""`/_double/`: control by HTTP, with the session's own key."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response

from chatdouble.backend import exchange as exchanges
from chatdouble.layers.overrides import EVERY
from chatdouble.server.control import Control
from chatdouble.server.routes.api import answered
from chatdouble.validation.parsing import unreadable


def _body(description: str, *kinds: str) -> dict[str, Any]:
    """Return what the contract says of a request's body."""
    schema = {"type": list(kinds)}
    return {
        "requestBody": {
            "description": description,
            "required": True,
            "content": {"application/json": {"schema": schema}},
        }
    }


_REPLIES: Final = _body("A reply as scripts have them, or a list of such.", "object", "array", "string")
_PACE: Final = _body("A pace as scripts have it.", "object")
_FAULTS: Final = _body("A fault as scripts have it, or a list of such.", "object", "array", "string")
_LIMITS: Final = _body("Limits by their settings' names, `requests_per_minute` and so on.", "object")
_MODE: Final = _body('How recordings are used: `"replay"`, `"record"`, `"rerecord"` or `"passthrough"`.', "string")
_CLOCK: Final = _body('`{"advance": seconds}`', "object")

Session = Annotated[str | None, Query(description="Another session; needs the control key.")]
Sessions = Annotated[str | None, Query(description="Another session, or * for all; needs the control key.")]
Model = Annotated[str, Query(description="The model's name or dated name; * for every model.")]

Whose = Callable[[Request, str | None], str]
Give = Callable[[str, object, str], Awaitable[None]]


def routes(control: Control) -> APIRouter:
    """Return the control routes."""
    router = APIRouter(prefix="/_double", tags=["control"])

    def whose(request: Request, named: str | None) -> str:
        return control.session(exchanges.of(request.scope).headers, named)

    @router.post("/replies", operation_id="queueReplies", openapi_extra=_REPLIES)
    async def say(request: Request, session: Session = None) -> Response:
        """Queue one reply or a list; they answer this session's next requests, before any rule."""
        return answered({"queued": await control.say(whose(request, session), _value(await request.body()))})

    @router.get("/requests", operation_id="listRequests")
    async def requests(request: Request, session: Sessions = None) -> Response:
        """List what this session asked, what was answered, and which rule matched or nearly did."""
        return answered({"object": "list", "data": await control.requests(whose(request, session))})

    @router.post("/reset", operation_id="reset")
    async def reset(request: Request, session: Sessions = None) -> Response:
        """Forget everything of this session."""
        await control.reset(whose(request, session))
        return answered({"reset": True})

    @router.post("/clock", operation_id="moveClock", openapi_extra=_CLOCK)
    async def clock(request: Request, session: Session = None) -> Response:
        """Move this session's clock on: its limits refill, its answers are dated later."""
        return answered(await control.advance(whose(request, session), _value(await request.body())))

    _own(router, "faults", _FAULTS, control.faults, whose)
    _own(router, "mode", _MODE, control.mode, whose)
    _own_by_model(router, "pace", _PACE, control.pace, whose)
    _own_by_model(router, "limits", _LIMITS, control.limits, whose)
    return router


def _own(
    router: APIRouter, name: str, body: dict[str, Any], give: Callable[[str, object], Awaitable[None]], whose: Whose
) -> None:
    """Add the routes that give a session something for all its requests, and take it away."""

    @router.put(f"/{name}", operation_id=f"set{name.capitalize()}", openapi_extra=body)
    async def put(request: Request, session: Session = None) -> Response:
        """Give this session its own, for all its requests from now on."""
        given = _value(await request.body())
        await give(whose(request, session), given)
        return answered({name: given})

    @router.delete(f"/{name}", operation_id=f"clear{name.capitalize()}")
    async def delete(request: Request, session: Session = None) -> Response:
        """Take this session's own away."""
        await give(whose(request, session), None)
        return answered({name: None})


def _own_by_model(router: APIRouter, name: str, body: dict[str, Any], give: Give, whose: Whose) -> None:
    """Add the routes that give a session a pace or limits, for one model or for every one, and take them away."""

    @router.put(f"/{name}", operation_id=f"set{name.capitalize()}", openapi_extra=body)
    async def put(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        """Give this session its own, in place of the server's."""
        given = _value(await request.body())
        await give(whose(request, session), given, model)
        return answered({name: given})

    @router.delete(f"/{name}", operation_id=f"clear{name.capitalize()}")
    async def delete(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        """Take this session's own away."""
        await give(whose(request, session), None, model)
        return answered({name: None})


def _value(raw: bytes) -> Any:
    """Return what a body says in JSON: a reply may be an object, a list of them or a string."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise unreadable() from None
