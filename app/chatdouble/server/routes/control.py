"""The control routes, `/_double/...`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response

from chatdouble.backend import call_of
from chatdouble.layers.overrides import EVERY
from chatdouble.server.control import Control
from chatdouble.server.routes.api import answered
from chatdouble.validation.parsing import unreadable


def _body(description: str, *kinds: str) -> dict[str, Any]:
    """Return the contract of a request's body."""
    forms = [{"type": kind, **({"items": {}} if kind == "array" else {})} for kind in kinds]
    schema = forms[0] if len(forms) == 1 else {"anyOf": forms}
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
        return control.session(call_of(request.scope).headers, named)

    @router.post("/queue", operation_id="queueReplies", openapi_extra=_REPLIES)
    async def queue(request: Request, session: Session = None) -> Response:
        """Queue a reply or a list of replies, which answer the session's next requests before any rule."""
        return answered({"waiting": await control.queue(whose(request, session), _value(await request.body()))})

    @router.get("/requests", operation_id="listRequests")
    async def requests(request: Request, session: Sessions = None) -> Response:
        """List the session's requests with their answers, the rule that matched and the near misses."""
        return answered({"object": "list", "data": await control.requests(whose(request, session))})

    @router.post("/reset", operation_id="reset")
    async def reset(request: Request, session: Sessions = None) -> Response:
        """Clear the session."""
        await control.reset(whose(request, session))
        return answered({"reset": True})

    @router.post("/clock", operation_id="moveClock", openapi_extra=_CLOCK)
    async def clock(request: Request, session: Session = None) -> Response:
        """Move the session's clock forward."""
        return answered(await control.advance(whose(request, session), _value(await request.body())))

    _own(router, "faults", _FAULTS, control.faults, whose)
    _own(router, "mode", _MODE, control.mode, whose)
    _own_by_model(router, "pace", _PACE, control.pace, whose)
    _own_by_model(router, "limits", _LIMITS, control.limits, whose)
    return router


def _own(
    router: APIRouter, name: str, body: dict[str, Any], give: Callable[[str, object], Awaitable[None]], whose: Whose
) -> None:
    """Add the routes that set and clear an override of a session."""

    @router.put(f"/{name}", operation_id=f"set{name.capitalize()}", openapi_extra=body)
    async def put(request: Request, session: Session = None) -> Response:
        """Set it for all of the session's requests from now on."""
        given = _value(await request.body())
        await give(whose(request, session), given)
        return answered({name: given})

    @router.delete(f"/{name}", operation_id=f"clear{name.capitalize()}")
    async def delete(request: Request, session: Session = None) -> Response:
        """Clear it for the session."""
        await give(whose(request, session), None)
        return answered({name: None})


def _own_by_model(router: APIRouter, name: str, body: dict[str, Any], give: Give, whose: Whose) -> None:
    """Add the routes that set and clear an override of a session, for one model or for every one."""

    @router.put(f"/{name}", operation_id=f"set{name.capitalize()}", openapi_extra=body)
    async def put(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        """Set it for the session, in place of the server's."""
        given = _value(await request.body())
        await give(whose(request, session), given, model)
        return answered({name: given})

    @router.delete(f"/{name}", operation_id=f"clear{name.capitalize()}")
    async def delete(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        """Clear it for the session."""
        await give(whose(request, session), None, model)
        return answered({name: None})


def _value(raw: bytes) -> Any:
    """Return a body's JSON value: an object, a list or a string."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise unreadable() from None
