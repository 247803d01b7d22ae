"""The state of sessions, for people and programs that look into one."""

from dataclasses import dataclass
from typing import Any

from typing_extensions import TypedDict

from chatdouble.backend import Services
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.model import Model
from chatdouble.core.in_turns import in_turns
from chatdouble.layers.limits import Limits
from chatdouble.recordings.redaction import Scrubber
from chatdouble.server.auth import identity_of
from chatdouble.server.control.gates import GateControl, ShownGate
from chatdouble.server.control.rule_list import ShownRule
from chatdouble.server.control.rules import Rules
from chatdouble.server.control.turns import Turns, WaitingTurn
from chatdouble.server.journal import Journal
from chatdouble.state.overrides import Overrides


class Clock(TypedDict):
    """A session's clock.

    Attributes:
        now: Its time in seconds since 1970.
        ahead: The seconds that it is ahead of the server's.
    """

    now: float
    ahead: float


class SessionState(TypedDict):
    """Everything that a session has.

    Attributes:
        session: The session.
        requests: The number of requests that came.
        in_flight: Those that have not ended.
        entries: The requests that the journal keeps.
        queue: The replies that wait, the next one first.
        turns: The turns that wait, conversation by conversation.
        rules: The rules that were added for this session.
        gates: The gates, with the answers that wait at them.
        hits: The answers that each rule has given.
        scenarios: The states of scenarios that were set.
        fault_counts: The occurrences of faults with `times`, by their owner and position.
        faults: The faults of all requests.
        pace: The paces by model, `*` for every model.
        limits: The rate limits by model, `*` for every model.
        limits_left: The rate limits of each model that was asked for, as in the headers of an answer.
        mode: How recordings are used; null: as the server does.
        clock: The clock.
        stored_completions: The ids of stored completions.
    """

    session: str
    requests: int
    in_flight: int
    entries: int
    queue: list[Any]
    turns: list[WaitingTurn]
    rules: list[ShownRule]
    gates: list[ShownGate]
    hits: dict[str, int]
    scenarios: dict[str, str]
    fault_counts: dict[str, int]
    faults: list[dict[str, Any]]
    pace: dict[str, dict[str, Any]]
    limits: dict[str, dict[str, Any]]
    limits_left: dict[str, dict[str, str]]
    mode: str | None
    clock: Clock
    stored_completions: list[str]


class SessionSummary(TypedDict):
    """A session in a list.

    Attributes:
        session: The session.
        requests: The number of requests that came.
        in_flight: Those that have not ended.
        entries: The requests that the journal keeps.
    """

    session: str
    requests: int
    in_flight: int
    entries: int


class SessionList(TypedDict):
    """All sessions.

    Attributes:
        object: `list`.
        data: The sessions by name.
    """

    object: str
    data: list[SessionSummary]


@dataclass(frozen=True, slots=True)
class States:
    """Shows sessions.

    Attributes:
        services: The clock and the sessions.
        journal: The journal.
        catalogue: The models.
        turns: The scripted conversations.
        rules: The rules.
        gates: The gates.
        limiter: Knows what is left of rate limits; None: nothing does.
    """

    services: Services
    journal: Journal
    catalogue: Catalogue
    turns: Turns
    rules: Rules
    gates: GateControl
    limiter: Limits | None = None

    async def __call__(self, session: str) -> SessionState:
        """Return everything that a session has, under its name or the key that its client uses."""
        one = self.services.sessions.named(identity_of(session))
        overrides = await one.overrides()
        ahead = overrides.clock_ahead / 1000
        now = self.services.clock.now() + ahead
        return {
            "session": one.name,
            "requests": await one.requests(),
            "in_flight": await self.journal.in_flight(one.name),
            "entries": len(await one.journal()),
            "queue": await one.queued(),
            "turns": await self.turns.waiting(one.name),
            "rules": [rule for rule in await self.rules.all(one.name) if rule["scope"] == "session"],
            "gates": await self.gates.listed(one.name),
            "hits": await one.values("hits"),
            "scenarios": await one.values("scenarios"),
            "fault_counts": await one.values("faults"),
            "faults": [*overrides.faults],
            "pace": {**overrides.pace},
            "limits": {**overrides.limits},
            # The names of models may be whatever a client sent.
            "limits_left": Scrubber().value(self._left(await one.values("buckets"), overrides, now)),
            "mode": overrides.mode,
            "clock": {"now": now, "ahead": ahead},
            "stored_completions": [*await one.values("completions")],
        }

    async def all(self) -> SessionList:
        """Return all sessions."""
        names = await self.services.sessions.names()
        return {"object": "list", "data": [await self._summary(name) async for name in in_turns(names)]}

    async def _summary(self, name: str) -> SessionSummary:
        one = self.services.sessions.named(name)
        entries = len(await one.journal())
        requests = await one.requests()
        return {
            "session": name,
            "requests": requests,
            "in_flight": await self.journal.in_flight(name),
            "entries": entries,
        }

    def _left(self, buckets: dict[str, Any], overrides: Overrides, now: float) -> dict[str, dict[str, str]]:
        """Return what is left of rate limits by dated model name."""
        limiter = self.limiter
        if limiter is None:
            return {}
        named = [self.catalogue.like(name) for name in sorted(limiter.limited(overrides))]
        return {
            snapshot: _by_name(limiter.left(overrides, self._model(snapshot, named), held, now))
            for snapshot, held in buckets.items()
        }

    def _model(self, snapshot: str, named: list[Model]) -> Model:
        """Return the model of a snapshot under the name that its limits are set for, if any are."""
        return next((model for model in named if model.snapshot == snapshot), None) or self.catalogue.like(snapshot)


def _by_name(headers: dict[str, str]) -> dict[str, str]:
    return {name.removeprefix("x-ratelimit-"): value for name, value in headers.items()}
