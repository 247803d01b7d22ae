"""The control routes, `/_double/...`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, NamedTuple

import orjson
from fastapi import APIRouter, Query, Request, Response

from chatdouble.backend import call_of
from chatdouble.core.paths import CONTROL
from chatdouble.layers.overrides import EVERY
from chatdouble.server.control import Control
from chatdouble.server.routes.api import answered
from chatdouble.validation.parsing import unreadable


def _body(description: str, example: object, *kinds: str) -> dict[str, Any]:
    """Return the contract of a request's body."""
    content = {"schema": {"type": list(kinds)}, "example": example}
    return {
        "requestBody": {"description": description, "required": True, "content": {"application/json": content}},
    }


_REPLIES: Final = _body("A reply as scripts have them, or a list of such.", ["Hello!"], "object", "array", "string")
_PACE: Final = _body("A pace as scripts have it.", {"ttft": 0.3, "tokens_per_second": 40}, "object")
_FAULTS: Final = _body(
    "A fault as scripts have it, or a list of such.",
    {"name": "error", "status": 503, "times": 1},
    *("object", "array", "string"),
)
_LIMITS: Final = _body(
    "Limits by their settings' names, `requests_per_minute` and so on.", {"requests_per_minute": 3}, "object"
)
_MODE: Final = _body(
    'How recordings are used: `"replay"`, `"record"`, `"rerecord"` or `"passthrough"`.', "replay", "string"
)
_CLOCK: Final = _body('`{"advance": seconds}`', {"advance": 60}, "object")

Session = Annotated[str | None, Query(description="Another session; needs the control key.")]
Sessions = Annotated[str | None, Query(description="Another session, or * for all; needs the control key.")]
Model = Annotated[str, Query(description="The model's name or dated name; * for every model.")]

Whose = Callable[[Request, str | None], str]
Give = Callable[[str, object, str], Awaitable[None]]


def routes(control: Control) -> APIRouter:
    """Return the control routes."""
    router = APIRouter(prefix=CONTROL.rstrip("/"), tags=["control"])

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

    _own(router, _Setting("faults", "the faults of the session's answers", _FAULTS), control.faults, whose)
    _own(router, _Setting("mode", "the session's mode of using recordings", _MODE), control.mode, whose)
    _own_by_model(router, _Setting("pace", "the pace of the session's answers", _PACE), control.pace, whose)
    _own_by_model(router, _Setting("limits", "the session's rate limits", _LIMITS), control.limits, whose)
    return router


class _Setting(NamedTuple):
    """A setting that a session can override.

    Attributes:
        name: The last part of its path.
        noun: The words for it in summaries.
        body: The contract of its value.
    """

    name: str
    noun: str
    body: dict[str, Any]

    @property
    def put(self) -> dict[str, Any]:
        """The contract of setting it."""
        operation_id = f"set{self.name.capitalize()}"
        return {"operation_id": operation_id, "description": f"Set {self.noun}.", "openapi_extra": self.body}

    @property
    def delete(self) -> dict[str, Any]:
        """The contract of clearing it."""
        description = f"Reset {self.noun} to the server's setting."
        return {"operation_id": f"clear{self.name.capitalize()}", "description": description}


def _own(router: APIRouter, setting: _Setting, give: Callable[[str, object], Awaitable[None]], whose: Whose) -> None:
    """Add the routes that set and clear an override of a session."""

    @router.put(f"/{setting.name}", **setting.put)
    async def put(request: Request, session: Session = None) -> Response:
        given = _value(await request.body())
        await give(whose(request, session), given)
        return answered({setting.name: given})

    @router.delete(f"/{setting.name}", **setting.delete)
    async def delete(request: Request, session: Session = None) -> Response:
        await give(whose(request, session), None)
        return answered({setting.name: None})


def _own_by_model(router: APIRouter, setting: _Setting, give: Give, whose: Whose) -> None:
    """Add the routes that set and clear an override of a session, for one model or for every one."""

    @router.put(f"/{setting.name}", **setting.put)
    async def put(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        given = _value(await request.body())
        await give(whose(request, session), given, model)
        return answered({setting.name: given})

    @router.delete(f"/{setting.name}", **setting.delete)
    async def delete(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        await give(whose(request, session), None, model)
        return answered({setting.name: None})


def _value(raw: bytes) -> Any:
    """Return a body's JSON value: an object, a list or a string."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise unreadable() from None
