"""Gates from a test: set them, see and wait for who stops at them, and let it go on or end."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import Field, PositiveInt, model_validator
from typing_extensions import TypedDict

from chatdouble.backend import Services
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_object
from chatdouble.layers.gates import GateSpec, set_gate
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.reading.mistakes import near
from chatdouble.server.control.gates_everywhere import Arrivals, GatesEverywhere, counted
from chatdouble.server.control.reading import read
from chatdouble.state.gate_steps import Report, Step
from chatdouble.state.gates import How
from chatdouble.state.overrides import FullError
from chatdouble.state.session import Session

LONGEST_WAIT: Final = 300.0
"""Seconds that a request may wait for an arrival at a gate."""

_NAME: Final = re.compile(r"[A-Za-z0-9._~-]{1,100}")


class WaitSpec(Spec):
    """A wait for answers to arrive at a gate.

    Attributes:
        timeout: Seconds after which the wait fails.
        count: The number of answers to wait for.
        client_left: Whether to wait until the clients of so many have left, and not for answers that are held.
    """

    timeout: float = Field(default=5.0, ge=0, le=LONGEST_WAIT)
    count: PositiveInt = 1
    client_left: bool = False


class ChosenSpec(Spec):
    """Some of the answers that wait at a gate; all of them by default.

    Attributes:
        request: The only one, by the id of its request.
        answers: The number of answers, those first that waited longest.
    """

    request: str | None = None
    answers: PositiveInt | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "ChosenSpec":
        if self.request is not None and self.answers is not None:
            raise ValueError("choose answers in one way: give `request` or `answers`")
        return self


class ReleaseSpec(ChosenSpec):
    """A release of answers that wait at a gate.

    Attributes:
        chunks: The chunks that each sends before it waits again; None: it goes on for good.
    """

    chunks: PositiveInt | None = None


class AbortSpec(ChosenSpec):
    """An end of answers that wait at a gate.

    Attributes:
        how: The connection is closed or reset, or the answer ends with an error of the API.
    """

    how: How = "disconnect"


class Waiting(TypedDict):
    """An answer at a gate.

    Attributes:
        request: The id of its request.
        since: When it arrived, in seconds since 1970.
        client_left: Whether its client left while it was held.
    """

    request: str
    since: float
    client_left: bool


class ShownGate(TypedDict):
    """A gate with the answers at it.

    Attributes:
        name: Its name.
        gate: Which answers stop, and where, as it was set.
        waiting: The answers that wait, and the newest of those whose client left.
        released: The answers that were let go on.
        timed_out: The answers that nobody released in time.
    """

    name: str
    gate: dict[str, Any]
    waiting: list[Waiting]
    released: int
    timed_out: int


@dataclass(frozen=True, slots=True)
class GateControl:
    """Controls the gates of sessions.

    Attributes:
        services: Who waits at the gates.
        one: Returns the session of a name.
        most: The gates that a session may have.
    """

    services: Services
    one: Callable[[str], Session]
    most: int

    async def put(self, session: str, name: str, given: object) -> ShownGate:
        """Set a gate, which counts from now on; answers at an earlier one of this name go on.

        Args:
            session: The session.
            name: The gate's name.
            given: Where it stops which answers; see `GateSpec`.

        Raises:
            APIError: 400: it is not a gate, its name is none, or the session has too many.
        """
        one = self.one(session)
        read(GateSpec, _or_nothing(given), "gate")
        if not _NAME.fullmatch(name):
            raise APIError(
                f"{name!r} cannot name a gate: use up to 100 letters, digits and the characters . _ ~ -",
                param="name",
                code="invalid_gate",
            )
        await self._every.take({"do": "add", "session": one.name, "name": name})
        try:
            await set_gate(one, name, as_object(given), self.most)
        except FullError as full:
            await self._every.take({"do": "remove", "session": one.name, "name": name})
            raise APIError(
                f"The session has {full.number} gates, and --max-gates is {self.most}: delete one, or reset.",
                code="too_many_gates",
            ) from None
        return await self.show(session, name)

    async def ensure(self, session: str, name: str, given: Mapping[str, Any]) -> bool:
        """Set a gate unless it is set like that already; return whether it was not. See `put`."""
        if (await self.one(session).overrides()).gates.get(name) == given:
            return False
        await self.put(session, name, given)
        return True

    async def delete(self, session: str, name: str) -> None:
        """Remove a gate; what waits at it goes on.

        Raises:
            APIError: 404: there is none of this name.
        """
        one = self.one(session)
        await self._definition(one, name)
        await set_gate(one, name, None)
        await self._every.take({"do": "remove", "session": one.name, "name": name})

    async def show(self, session: str, name: str) -> ShownGate:
        """Return a gate with the answers that wait at it.

        Raises:
            APIError: 404: there is none of this name.
        """
        one = self.one(session)
        kept = await self._definition(one, name)
        return _shown(name, kept, await self._every.look(one.name, name))

    async def listed(self, session: str) -> list[ShownGate]:
        """Return all gates of a session, in the order in which they were set."""
        one = self.one(session)
        gates = (await one.overrides()).gates
        return [_shown(name, kept, await self._every.look(one.name, name)) for name, kept in gates.items()]

    async def wait(self, session: str, name: str, given: object = None) -> ShownGate:
        """Wait until answers have arrived at a gate; return it as `show` does.

        Args:
            session: The session.
            name: The gate's name.
            given: How long, and for how many; see `WaitSpec`.

        Raises:
            APIError: 404: there is no such gate; 408: the time is over; 400: the body is wrong.
        """
        spec = read(WaitSpec, _or_nothing(given), "wait")
        one = self.one(session)
        await self._definition(one, name)
        arrivals = Arrivals(spec.count, spec.client_left)
        if not await self._every.arrived(one.name, name, arrivals, spec.timeout):
            now = await self._every.look(one.name, name)
            left = counted(now, client_left=True)
            found = f"{counted(now, client_left=False)} waiting, {left} whose client left, {now['released']} released"
            wanted = f"{spec.count} whose client has left" if spec.client_left else f"{spec.count} waiting"
            raise APIError(
                f"Gate {name!r} did not have {wanted} within {spec.timeout:g} seconds; it has {found}.",
                status=408,
                code="gate_wait_timed_out",
            )
        return await self.show(session, name)

    async def release(self, session: str, name: str, given: object = None) -> ShownGate:
        """Let answers at a gate go on; return it as `show` does.

        Args:
            session: The session.
            name: The gate's name.
            given: Which ones, and for how many chunks; see `ReleaseSpec`.

        Raises:
            APIError: 404: there is no such gate, or no such request waits at it; 400: the body is wrong.
        """
        spec = read(ReleaseSpec, _or_nothing(given), "release")
        await self._let_go(session, spec, {"do": "release", "session": None, "name": name, "chunks": spec.chunks})
        return await self.show(session, name)

    async def abort(self, session: str, name: str, given: object = None) -> ShownGate:
        """End answers at a gate; return it as `show` does.

        Args:
            session: The session.
            name: The gate's name.
            given: Which ones, and how; see `AbortSpec`.

        Raises:
            APIError: 404: there is no such gate, or no such request waits at it; 400: the body is wrong.
        """
        spec = read(AbortSpec, _or_nothing(given), "abort")
        await self._let_go(session, spec, {"do": "abort", "session": None, "name": name, "how": spec.how})
        return await self.show(session, name)

    @property
    def _every(self) -> GatesEverywhere:
        return GatesEverywhere(self.services)

    async def _let_go(self, session: str, spec: ChosenSpec, step: Step) -> None:
        """Release or abort chosen answers.

        Raises:
            APIError: 404: there is no such gate, or no such request waits at it.
        """
        one, name = self.one(session), step.get("name", "")
        await self._definition(one, name)
        chosen: Sequence[str] | None = None if spec.request is None else [spec.request]
        if spec.answers is not None:
            chosen = await self._every.first(one.name, name, spec.answers)
        done = await self._every.take({**step, "session": one.name, "requests": chosen})
        _check_found(name, spec, done["found"])

    async def _definition(self, one: Session, name: str) -> Mapping[str, Any]:
        gates = (await one.overrides()).gates
        if name in gates:
            return gates[name]
        advice = near(name, [*gates]) or "; set it with PUT first."
        raise APIError(f"The session has no gate {name!r}{advice}", status=404, param="name", code="gate_not_found")


def _or_nothing(given: object) -> object:
    """Return a value, or an object without keys in place of None."""
    nothing: dict[str, object] = {}
    return nothing if given is None else given


def _check_found(name: str, spec: ChosenSpec, found: int) -> None:
    """Refuse a choice of a request that does not wait."""
    if spec.request is not None and not found:
        raise APIError(
            f"Request {spec.request!r} does not wait at gate {name!r}.",
            status=404,
            param="request",
            code="request_not_waiting",
        )


def _shown(name: str, kept: Mapping[str, Any], now: Report) -> ShownGate:
    return {
        "name": name,
        "gate": dict(kept),
        "waiting": [Waiting(**held) for held in now["waiting"]],
        "released": now["released"],
        "timed_out": now["timed_out"],
    }
