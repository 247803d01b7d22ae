"""The control routes of the settings that a session can override: faults, mode, pace and limits."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.overrides import EVERY
from chatdouble.recordings.modes import Mode
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.server.control.control import Control
from chatdouble.server.routes.api import answered, answered_apart
from chatdouble.server.routes.control.parts import Session, Whose, typed_answer, typed_body, value

_PACE: Final = typed_body("A pace as scripts have it.", {"ttft": 0.3, "tokens_per_second": 40}, PaceSpec)
_FAULTS: Final = typed_body(
    "A fault as scripts have it, or a list of such.",
    {"name": "error", "status": 503, "times": 1},
    FaultSpec | list[FaultSpec],
)
_LIMITS: Final = typed_body("Limits by their settings' names.", {"requests_per_minute": 3}, LimitSpec)
_MODE: Final = typed_body("How recordings are used.", "replay", Mode)

ShownModel = Annotated[str | None, Query(description="The only model to show.")]
Model = Annotated[str, Query(description="The model's name or dated name; * for every model.")]

_NO_BODY: Final[Mapping[str, Any]] = MappingProxyType({})

Give = Callable[[str, object, str], Awaitable[None]]


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    def override(name: str, noun: str, body: dict[str, Any], shown: Any, kept: Any) -> Override:
        return Override(name, noun, body, shown, kept, control, whose)

    faults = list[FaultSpec], FaultSpec | list[FaultSpec] | None
    _own(router, override("faults", "the faults of the session's answers", _FAULTS, *faults), control.faults)
    mode = Mode | None, Mode | None
    _own(router, override("mode", "the session's mode of using recordings", _MODE, *mode), control.mode)
    pace = dict[str, PaceSpec], PaceSpec | None
    _own_by_model(router, override("pace", "the pace of the session's answers", _PACE, *pace), control.pace)
    limits = dict[str, LimitSpec], LimitSpec | None
    _own_by_model(router, override("limits", "the session's rate limits", _LIMITS, *limits), control.limits)


@dataclass(frozen=True, slots=True)
class Override:
    """A setting of the server that a session can override.

    Attributes:
        name: Its name, the last part of its path.
        noun: The words for it in descriptions.
        body: The contract of its value.
        shown: The type of what is shown.
        kept: The type of what was set; None: it was cleared.
        control: Reads it.
        whose: Returns the session that a request controls.
    """

    name: str
    noun: str
    body: dict[str, Any]
    shown: Any
    kept: Any
    control: Control
    whose: Whose

    @property
    def path(self) -> str:
        """Its path."""
        return f"/{self.name}"

    @property
    def show(self) -> dict[str, Any]:
        """The contract of showing it."""
        return self._operation("show", f"Show {self.noun}: those that the session has set.", self.shown)

    @property
    def put(self) -> dict[str, Any]:
        """The contract of setting it."""
        return self._operation("set", f"Set {self.noun}.", self.kept, self.body)

    @property
    def delete(self) -> dict[str, Any]:
        """The contract of clearing it."""
        return self._operation("clear", f"Reset {self.noun} to the server's setting.", None)

    def _operation(self, verb: str, description: str, kind: Any, body: Mapping[str, Any] = _NO_BODY) -> dict[str, Any]:
        extra = {**body, **typed_answer(self.name, kind)}
        return {
            "operation_id": f"{verb}{self.name.capitalize()}",
            "description": description,
            "openapi_extra": extra,
        }


def _own(router: APIRouter, one: Override, give: Callable[[str, object], Awaitable[None]]) -> None:
    """Add the routes that show, set and clear an override of a session."""

    @router.get(one.path, **one.show)
    async def get(request: Request, session: Session = None) -> Response:
        return await answered_apart({one.name: await one.control.overridden(one.whose(request, session), one.name)})

    @router.put(one.path, **one.put)
    async def put(request: Request, session: Session = None) -> Response:
        given = await value(request)
        await give(one.whose(request, session), given)
        return await answered_apart({one.name: given})

    @router.delete(one.path, **one.delete)
    async def delete(request: Request, session: Session = None) -> Response:
        await give(one.whose(request, session), None)
        return answered({one.name: None})


def _own_by_model(router: APIRouter, one: Override, give: Give) -> None:
    """Add the routes that show, set and clear an override of a session, for one model or for every one."""

    @router.get(one.path, **one.show)
    async def get(request: Request, session: Session = None, model: ShownModel = None) -> Response:
        return await answered_apart(
            {one.name: await one.control.overridden(one.whose(request, session), one.name, model)}
        )

    @router.put(one.path, **one.put)
    async def put(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        given = await value(request)
        await give(one.whose(request, session), given, model)
        return await answered_apart({one.name: given})

    @router.delete(one.path, **one.delete)
    async def delete(request: Request, session: Session = None, model: Model = EVERY) -> Response:
        await give(one.whose(request, session), None, model)
        return answered({one.name: None})
