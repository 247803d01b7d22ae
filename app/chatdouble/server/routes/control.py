"""The control routes, `/_double/...`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.routing import APIRoute

from chatdouble.backend import call_of
from chatdouble.core.errors import APIError
from chatdouble.core.paths import CONTROL
from chatdouble.layers.overrides import EVERY
from chatdouble.scripts.reading.mistakes import near
from chatdouble.server.control import Control
from chatdouble.server.routes.api import answered
from chatdouble.validation.parsing import unreadable


def _body(description: str, example: object, *kinds: str) -> dict[str, Any]:
    """Return the contract of a request's body."""
    forms: list[dict[str, Any]] = [{"type": kind, **({"items": {}} if kind == "array" else {})} for kind in kinds]
    schema: dict[str, Any] = forms[0] if len(forms) == 1 else {"anyOf": forms}
    content = {"schema": schema, "example": example}
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
ShownModel = Annotated[str | None, Query(description="The only model to show.")]
Model = Annotated[str, Query(description="The model's name or dated name; * for every model.")]

Whose = Callable[[Request, str | None], str]
Give = Callable[[str, object, str], Awaitable[None]]


def routes(control: Control) -> APIRouter:
    """Return the control routes."""
    router = APIRouter(prefix=CONTROL.rstrip("/"), tags=["control"], dependencies=[Depends(_check)])

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

    def override(name: str, noun: str, body: dict[str, Any]) -> Override:
        return Override(name, noun, body, control, whose)

    _own(router, override("faults", "the faults of the session's answers", _FAULTS), control.faults)
    _own(router, override("mode", "the session's mode of using recordings", _MODE), control.mode)
    _own_by_model(router, override("pace", "the pace of the session's answers", _PACE), control.pace)
    _own_by_model(router, override("limits", "the session's rate limits", _LIMITS), control.limits)
    return router


@dataclass(frozen=True, slots=True)
class Override:
    """A setting of the server that a session can override.

    Attributes:
        name: Its name, the last part of its path.
        noun: The words for it in descriptions.
        body: The contract of its value.
        control: Reads it.
        whose: Returns the session that a request controls.
    """

    name: str
    noun: str
    body: dict[str, Any]
    control: Control
    whose: Whose

    @property
    def path(self) -> str:
        """Its path."""
        return f"/{self.name}"

    @property
    def show(self) -> dict[str, Any]:
        """The contract of showing it."""
        return self._operation("show", f"Show {self.noun}: those that the session has set.")

    @property
    def put(self) -> dict[str, Any]:
        """The contract of setting it."""
        return {**self._operation("set", f"Set {self.noun}."), "openapi_extra": self.body}

    @property
    def delete(self) -> dict[str, Any]:
        """The contract of clearing it."""
        return self._operation("clear", f"Reset {self.noun} to the server's setting.")

    def _operation(self, verb: str, description: str) -> dict[str, Any]:
        return {"operation_id": f"{verb}{self.name.capitalize()}", "description": description}


def _own(router: APIRouter, one: Override, give: Callable[[str, object], Awaitable[None]]) -> None:
    """Add the routes that show, set and clear an override of a session."""

    @router.get(one.path, **one.show)
    async def get(request: Request, session: Session = None) -> Response:
        return answered({one.name: await one.control.overridden(one.whose(request, session), one.name)})

    @router.put(one.path, **one.put)
    async def put(request: Request, session: Session = None) -> Response:
        given = _value(await request.body())
        await give(one.whose(request, session), given)
        return answered({one.name: given})

    @router.delete(one.path, **one.delete)
    async def delete(request: Request, session: Session = None) -> Response:
        await give(one.whose(request, session), None)
        return answered({one.name: None})


def _own_by_model(router: APIRouter, one: Override, give: Give) -> None:
    """Add the routes that show, set and clear an override of a session, for one model or for every one."""

    @router.get(one.path, **one.show)
    async def get(request: Request, session: Session = None, model: ShownModel = None) -> Response:
        return answered({one.name: await one.control.overridden(one.whose(request, session), one.name, model)})

    @router.put(one.path, **one.put)
    async def put(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        given = _value(await request.body())
        await give(one.whose(request, session), given, model)
        return answered({one.name: given})

    @router.delete(one.path, **one.delete)
    async def delete(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        await give(one.whose(request, session), None, model)
        return answered({one.name: None})


async def _check(request: Request) -> None:
    """Check that a request has nothing that its route would ignore.

    Raises:
        APIError: 400: a query parameter is unknown, or there is a body that the route does not take.
    """
    route: APIRoute = request.scope["route"]
    known = [parameter.alias for parameter in route.dependant.query_params]
    for name in request.query_params:
        if name not in known:
            advice = near(name, known) or f"; this route takes {' and '.join(known)}."
            raise APIError(f"Unknown query parameter {name!r}{advice}", param=name, code="unknown_parameter")
    takes_body = "requestBody" in (route.openapi_extra or {})
    if not takes_body and (await request.body()).strip() not in _EMPTY:
        raise APIError(
            f"{request.method} {request.url.path} takes no body; name another session or model in the query: "
            "?session=NAME.",
            code="unexpected_body",
        )


_EMPTY: Final = (b"", b"null", b"{}")


def _value(raw: bytes) -> Any:
    """Return a body's JSON value: an object, a list or a string."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise unreadable() from None
