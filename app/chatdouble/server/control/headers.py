"""Control by header: a request sets the pace, the fault, the gate and the rule of its own answer."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array, is_object
from chatdouble.layers.overrides import EVERY
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.server.control.access import Access
from chatdouble.server.control.control import Control
from chatdouble.server.control.reading import read

Apply = Callable[[Control, Call, str], Awaitable[None]]
"""Applies a header's value to a call."""

_PACE: Final = "x-double-pace"
_FAULT: Final = "x-double-fault"
_GATE: Final = "x-double-gate"
_RULE: Final = "x-double-rule"


async def _pace(_: Control, call: Call, given: str) -> None:
    """Set the pace as `PUT /_double/pace` would, for this request."""
    spec = read(PaceSpec, _parsed(_PACE, given), _PACE, code="invalid_pace")
    kept = spec.model_dump(mode="json", exclude_unset=True)
    call.overrides = replace(call.overrides, pace={EVERY: kept})


async def _fault(_: Control, call: Call, given: str) -> None:
    """Add faults to those of the session; `times` counts the session's requests with the same header."""
    value = _parsed(_FAULT, given)
    listed: list[Any] = value if is_array(value) else [value]
    specs = [read(FaultSpec, fault, _FAULT, at, code="invalid_fault") for at, fault in enumerate(listed)]
    call.delivery.asked_faults = tuple(specs)
    call.delivery.asked_by = f"header {blake2b(given.encode(), digest_size=8).hexdigest()}"


async def _gate(control: Control, call: Call, given: str) -> None:
    """Stop at a gate of the session by its name, or at one that an object with a `name` sets for this header."""
    value = _parsed(_GATE, given)
    if isinstance(value, str):
        await _name_gate(call, value)
        return
    if not is_object(value) or not isinstance(value.get("name"), str):
        raise APIError(
            f'{_GATE}: must be the name of a gate, or an object with its name: {{"name": "first", "after_chunks": 2}}',
            param=_GATE,
            code="invalid_gate",
        )
    from chatdouble.layers.gates import GateSpec  # noqa: PLC0415 - conditions of scripts, which few servers need

    wanted = {key: held for key, held in value.items() if key != "name"}
    read(GateSpec, wanted, _GATE, code="invalid_gate")
    own: dict[str, Any] = {"headers": {_GATE: {"equals": given}}}
    when = wanted.get("when")
    gate = {**wanted, "when": own if when is None else {"all": [own, when]}}
    if await control.gates.ensure(call.session.name, value["name"], gate):
        call.overrides = replace(call.overrides, gates=(await call.session.overrides()).gates)


async def _name_gate(call: Call, name: str) -> None:
    if name not in call.overrides.gates:
        from chatdouble.scripts.reading.mistakes import near  # noqa: PLC0415 - for who misspells

        advice = near(name, [*call.overrides.gates]) or "; set it with PUT first, or send an object."
        raise APIError(f"{_GATE}: the session has no gate {name!r}{advice}", param=_GATE, code="gate_not_found")
    call.delivery.asked_gate = name


async def _rule(_: Control, call: Call, given: str) -> None:
    """Have the rule of this name or id answer, whatever its conditions and whatever else waits."""
    call.overrides = replace(call.overrides, rule=given)


_HEADERS: Final[Mapping[str, Apply]] = {_PACE: _pace, _FAULT: _fault, _GATE: _gate, _RULE: _rule}
"""The headers, in the order in which they are applied."""


async def apply(control: Control, access: Access, call: Call) -> None:
    """Apply the control headers of a call.

    Args:
        control: Controls the sessions.
        access: Decides who may control the session of the call.
        call: The call.

    Raises:
        APIError: 400: a header has a value that it cannot have; 403: it sets a gate in a session of another key.
    """
    for name, one in _HEADERS.items():
        given = call.headers.get(name)
        if given is None:
            continue
        if name == _GATE and given.lstrip().startswith("{"):
            access.session(call, None)  # the gate outlives the request, as one that is set by control
        await one(control, call, given)


def _parsed(header: str, given: str) -> Any:
    """Return a header's JSON value; a text that does not begin as JSON stands for itself.

    Raises:
        APIError: 400: it begins as JSON, and is not.
    """
    if not given.lstrip().startswith(("{", "[", '"')):
        return given
    try:
        return json.loads(given)
    except ValueError as wrong:
        raise APIError(f"{header}: not JSON: {wrong}", param=header, code="invalid_header") from None
    except RecursionError:
        raise APIError(f"{header}: nested too deeply", param=header, code="invalid_header") from None
