"""Control from a test: read the journal, queue replies, set faults, pace and limits, reset."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from chatdouble.backend import Services
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array
from chatdouble.http.shutdown import Shutdown
from chatdouble.layers.buckets import LimitSpec
from chatdouble.layers.faults.layer import set_faults
from chatdouble.layers.limits import Limits, set_limits
from chatdouble.layers.overrides import EVERY
from chatdouble.layers.pace import set_pace
from chatdouble.layers.queue import check_room, checked_replies
from chatdouble.recordings.modes import checked
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.format.delivery import PaceSpec
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.server.auth import ALL, identity_of
from chatdouble.server.control.gates_everywhere import GatesEverywhere
from chatdouble.server.control.reading import read_unless_null
from chatdouble.server.control.turns import Turns
from chatdouble.server.entry import Entry
from chatdouble.server.journal import Journal
from chatdouble.state.session import Session
from chatdouble.verdict.policy import Policy

if TYPE_CHECKING:
    from chatdouble.scripts.reading.load import Placed
    from chatdouble.server.control.gates import GateControl
    from chatdouble.server.control.requests import NearMisses, Requests
    from chatdouble.server.control.rules import Rules
    from chatdouble.server.control.state import States
    from chatdouble.server.control.verdict import Verdicts
    from chatdouble.server.events_everywhere import EventsEverywhere


_LATEST: Final = 221_845_392_000
"""The latest time of a session's clock, in the year 9000: exports and verdicts write years of four digits."""
_AT_ONCE: Final = 50
"""The replies that are validated or queued at once, some milliseconds."""


class ClockSpec(Spec):
    """A change of a session's clock.

    Attributes:
        advance: Seconds to move the clock forward, at most ten years.
    """

    advance: float = Field(ge=0, le=315_360_000)


@dataclass(frozen=True, slots=True)
class Most:
    """The bounds of what a test may add.

    Attributes:
        rules: Rules of a session, and of all sessions together.
        gates: Gates of a session.
    """

    rules: int = 1000
    gates: int = 100


@dataclass(frozen=True, slots=True)
class Control:
    """Controls sessions. `Access` decides which of them a request may control.

    The operations take a session's name or the key that its client uses.

    Attributes:
        services: The clock and the sessions.
        journal: The journal.
        shutdown: Ends waits when the server stops.
        events: The newest events of the journal.
        has_upstream: Whether the server has an upstream or recordings of one; else no queued reply may ask for it.
        near_misses: Returns the rules that nearly matched a request; None: the backend has no rules.
        files: Returns the rules of the script files; None: the backend has none.
        folder: The folder to save rules in; None: they cannot be saved.
        catalogue: The models.
        limiter: Knows what is left of rate limits; None: nothing does.
        backend: The name of the backend.
        policy: The server's own policy for verdicts.
        all_rules: Returns the rules and recordings of all backends.
        most: The bounds of what a test may add.
    """

    services: Services
    journal: Journal
    shutdown: Shutdown
    events: "EventsEverywhere"
    has_upstream: bool = True
    near_misses: "NearMisses | None" = None
    files: "Callable[[], Sequence[Placed]] | None" = None
    folder: Path | None = None
    catalogue: Catalogue = field(default_factory=lambda: Catalogue.load("any"))
    limiter: Limits | None = None
    backend: str = ""
    policy: Policy = field(default_factory=Policy)
    all_rules: "Callable[[], Sequence[Placed]]" = tuple
    most: Most = field(default_factory=Most)

    @property
    def turns(self) -> Turns:
        """Controls scripted conversations."""
        return Turns(self.one, has_upstream=self.has_upstream)

    @property
    def rules(self) -> "Rules":
        """Controls rules while the server runs."""
        from chatdouble.server.control.rules import Rules  # noqa: PLC0415 - rules take 0.1 s to import

        return Rules(self.one, self.services.sessions, self.files, self.folder, self.has_upstream, self.most.rules)

    async def queue(self, session: str, replies: object) -> int:
        """Queue replies, which answer the next requests before any rule; return how many wait now.

        Args:
            session: The session.
            replies: A reply as scripts write it, one with conditions (`{"reply": ..., "when": {...}, "model": ...,
                "times": 2}`), or a list of such.

        Raises:
            APIError: 400: an item is not a reply.
        """
        one = self.one(session)
        check = partial(checked_replies, replies, has_upstream=self.has_upstream)
        # Thousands of replies, or long ones, take a while to validate.
        checked = await asyncio.to_thread(check)
        await asyncio.to_thread(check_room, await one.queued(), checked)
        for at, reply in enumerate(checked, 1):
            await one.queue(reply)
            if at % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return len(await one.queued())

    async def queued(self, session: str) -> list[Any]:
        """Return the replies that wait in the session's queue, the next one first."""
        return await self.one(session).queued()

    async def clear_queue(self, session: str) -> None:
        """Drop the replies that wait in the session's queue."""
        await self.one(session).clear_queue()

    async def pace(self, session: str, given: object, model: str = EVERY) -> None:
        """Set a session's pace.

        Args:
            session: The session.
            given: A pace as scripts write it; None clears it.
            model: A model's name or dated name; `*` sets it for every model, or clears that of each.

        Raises:
            APIError: 400: the value is not a pace.
        """
        await set_pace(self.one(session), read_unless_null(PaceSpec, given, "pace"), model)

    async def faults(self, session: str, given: object) -> None:
        """Set the faults of all of a session's requests from now on.

        Args:
            session: The session.
            given: A fault as scripts write it, or a list of faults; None clears them.

        Raises:
            APIError: 400: an item is not a fault.
        """
        listed: list[Any] = given if is_array(given) else [given]
        specs = [read_unless_null(FaultSpec, fault, "faults", at) for at, fault in enumerate(listed)]
        await set_faults(self.one(session), [spec for spec in specs if spec is not None])

    async def mode(self, session: str, given: object) -> None:
        """Set how a session uses recordings.

        Args:
            session: The session.
            given: `replay`, `record`, `rerecord` or `passthrough`; None clears it.

        Raises:
            APIError: 400: there is no such mode.
        """
        await self.one(session).override("mode", None if given is None else checked(given))

    async def limits(self, session: str, given: object, model: str = EVERY) -> None:
        """Set a session's rate limits, which count from now on.

        Args:
            session: The session.
            given: Limits by their settings' names; None clears them.
            model: A model's name or dated name; `*` sets them for every model, or clears those of each.

        Raises:
            APIError: 400: the value is not a set of limits.
        """
        await set_limits(self.one(session), read_unless_null(LimitSpec, given, "limits"), model)

    async def overridden(self, session: str, name: str, model: str | None = None) -> Any:
        """Return what a session sets in place of the server's settings.

        Args:
            session: The session.
            name: `faults`, `mode`, `pace` or `limits`.
            model: For `pace` and `limits`: the only model to return; None returns all of them.

        Returns:
            A list of faults; a mode, or None; paces or limits by model, `*` for every model.
        """
        found = getattr(await self.one(session).overrides(), name)
        return {key: value for key, value in found.items() if key == model} if model is not None else found

    async def advance(self, session: str, given: object) -> dict[str, float]:
        """Move a session's clock forward: its limits refill and its answers are dated by it.

        Args:
            session: The session.
            given: `{"advance": seconds}`.

        Returns:
            `now`, in seconds since 1970, and `ahead`, the seconds the clock is ahead of the server's.

        Raises:
            APIError: 400: the seconds are missing, negative or too many.
        """
        spec = read_unless_null(ClockSpec, given or {}, "clock") or ClockSpec(advance=0)
        one, now = self.one(session), self.services.clock.now()
        if now + (await one.overrides()).clock_ahead / 1000 + spec.advance > _LATEST:
            raise APIError("clock.advance: the year would be after 9000", param="clock", code="invalid_clock")
        ahead = await one.advance_clock(round(spec.advance * 1000)) / 1000
        return {"now": now + ahead, "ahead": ahead}

    @property
    def requests(self) -> "Requests":
        """Reads the journals: `await control.requests("sk-test")` lists the requests of a session."""
        from chatdouble.server.control.requests import Requests  # noqa: PLC0415 - scripts, which only readers need

        served = self.services, self.journal, self.shutdown, self.catalogue
        return Requests(*served, self.verdict.policies, self.near_misses, self.backend)

    @property
    def verdict(self) -> "Verdicts":
        """Gives verdicts: `await control.verdict("sk-test")` judges a session, without a session all of them."""
        from chatdouble.server.control.verdict import Verdicts  # noqa: PLC0415 - its many checks

        return Verdicts(self, self.catalogue, self.policy, self.backend, self.all_rules)

    @property
    def state(self) -> "States":
        """Shows the sessions: `await control.state("sk-test")` shows one."""
        from chatdouble.server.control.state import States  # noqa: PLC0415 - only those who look need it

        nouns = self.turns, self.rules, self.gates
        return States(self.services, self.journal, self.catalogue, *nouns, self.limiter)

    def turned_away(self) -> list[Entry]:
        """Return the requests that were not let in, oldest first: their keys were not accepted, for example."""
        return self.journal.turned_away()

    async def reset(self, session: str) -> None:
        """Clear a session: journal, queue, counters, scenarios, gates, and its faults, pace, limits, mode and clock."""
        if session == ALL:
            self.journal.forget_turned_away()
            await self.services.sessions.reset_all()
        else:
            await self.one(session).reset()
        name = None if session == ALL else self.one(session).name
        await GatesEverywhere(self.services).take({"do": "remove all", "session": name})

    @property
    def gates(self) -> "GateControl":
        """The control of gates."""
        from chatdouble.server.control.gates import GateControl  # noqa: PLC0415 - conditions, which few servers need

        return GateControl(self.services, self.one, self.most.gates)

    def one(self, name: str) -> Session:
        """Return the session of a name.

        Raises:
            APIError: 400: the name stands for every session.
        """
        if name == ALL:
            raise APIError(
                "This is for one session: name it, or send its key.", param="session", code="one_session_only"
            )
        return self.services.sessions.named(identity_of(name))
