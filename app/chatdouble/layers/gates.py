"""Gates: which answers stop, and where; imported only when a session has a gate."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import Field, NonNegativeInt, PositiveInt, model_validator

from chatdouble.backend import Call, Stop
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.rule import When, has_hits
from chatdouble.scripts.matching.compiled_rule import compile_when
from chatdouble.scripts.matching.index import names_another
from chatdouble.scripts.matching.request_view import RequestView, any_body
from chatdouble.state.gates import Gate
from chatdouble.state.overrides import MANY
from chatdouble.state.session import Session

_FEW: Final = 5
_SHORT: Final = 16 * 1024
"""The bytes of a request whose texts are searched in a millisecond."""
_OWNER: Final = "gate "
"""The prefix of the counter of stops at a gate, before the gate's name."""


class GateSpec(Spec):
    """A gate: the answers that stop, and where they stop.

    Attributes:
        when: The conditions on the request, as in scripts; none: every chat completion.
        after_chunks: The chunks of a stream to send before the stop.
        before: The place of the stop: the answer's first byte, which is the default, or the end of a stream.
        times: The number of answers to stop, the first ones; None: all.
        timeout: Seconds after which an answer that nobody releases goes on by itself.
    """

    when: When | None = None
    after_chunks: NonNegativeInt | None = None
    before: Literal["first_byte", "done"] | None = None
    times: PositiveInt | None = None
    timeout: float = Field(default=30.0, gt=0, le=86_400)

    @model_validator(mode="after")
    def _one_place(self) -> "GateSpec":
        if self.after_chunks is not None and self.before is not None:
            raise ValueError("a gate stops at one place: give `after_chunks` or `before`")
        if self.when is not None and has_hits(self.when):
            raise ValueError("`hits` counts the answers of a rule; a gate has `times`")
        return self

    @property
    def chunks(self) -> int | None:
        """The chunks to send before the stop; None: all of them."""
        return None if self.before == "done" else self.after_chunks or 0


async def choose(call: Call, endpoint: str = "") -> None:
    """Add the gates that stop the answer of a call to its delivery, in the order in which they were set.

    Args:
        call: The call.
        endpoint: The endpoint that it asks, such as `GET /models`; empty for those that rules answer.
    """
    if endpoint:
        call.body = any_body(call)
    view, gates = RequestView(call, endpoint), call.overrides.gates
    look = call.in_thread if len(gates) > _FEW and len(call.raw) > _SHORT else call.apart
    for name, kept in gates.items():
        gate = await _gate(call, name)
        if gate is None:  # it was removed while the request arrived
            continue
        spec = GateSpec.model_validate(kept)
        if await look(_matches, spec, name, view) and await _happens(call.session, name, spec.times):
            call.delivery.gates += (Stop(name, gate, spec.chunks, spec.timeout, lambda: _now(call)),)


async def _gate(call: Call, name: str) -> Gate | None:
    """Return a gate of the call's session; None: it was removed."""
    services, session = call.services, call.session
    gate = services.gates.find(session.name, name)
    if gate is None and not services.sessions.private and name in (await session.overrides()).gates:
        return services.gates.ensure(session.name, name)  # another process has set it
    return gate


def _matches(spec: GateSpec, name: str, view: RequestView) -> bool:
    if view.call.delivery.asked_gate == name:
        return True
    when = spec.when or When()
    return (not view.is_elsewhere or names_another(when)) and compile_when(when).holds(view)


async def _happens(session: Session, name: str, times: int | None) -> bool:
    return times is None or await session.count_fault(_OWNER + name, 0) <= times


def _now(call: Call) -> float:
    """Return the server's time, which the journal has too, in a session whose clock may be ahead."""
    return call.services.clock.now() - call.overrides.clock_ahead / 1000


async def set_gate(session: Session, name: str, kept: Mapping[str, Any] | None, most: int = MANY) -> None:
    """Set a gate of a session, whose stops are counted from now on; None removes it.

    Raises:
        FullError: The session has the most gates that it may have, and this is another one.
    """
    await session.clear_fault_counts(_OWNER + name)
    await session.override("gates", kept and dict(kept), name, most)
