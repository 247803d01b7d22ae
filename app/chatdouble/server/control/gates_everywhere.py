"""The gates of all processes that share a state: each holds the answers that it gives, and every step is for all."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from chatdouble.backend import Services
from chatdouble.state.gate_steps import Report, Step, merged, perform

_LOOK: Final = 0.1
"""Seconds between two looks for arrivals in other processes."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Arrivals to wait for.

    Attributes:
        count: How many answers.
        client_left: Whether their clients have left, or they wait.
    """

    count: int
    client_left: bool


def counted(now: Report, *, client_left: bool) -> int:
    """Return the number of answers at a gate whose clients have left, or who wait."""
    return sum(held["client_left"] is client_left for held in now["waiting"])


@dataclass(frozen=True, slots=True)
class GatesEverywhere:
    """The gates of this and all other processes.

    Attributes:
        services: The gates of this process, and the way to the others.
    """

    services: Services

    async def take(self, step: Step) -> Report:
        """Take a step in all processes; return what the gate has in all of them then."""
        own = perform(self.services.gates, step)
        return merged([own, *await self._others(step)])

    async def look(self, session: str, name: str) -> Report:
        """Return what a gate has."""
        return await self.take({"do": "look", "session": session, "name": name})

    async def arrived(self, session: str, name: str, arrivals: Arrivals, seconds: float) -> bool:
        """Wait until enough answers have arrived; return whether they have in time.

        An arrival in this process ends the wait at once, and those in others are looked for.
        """
        loop, gate = asyncio.get_running_loop(), self.services.gates.ensure(session, name)
        end = loop.time() + seconds
        may_be_elsewhere = self.services.sessions.others.may_be
        while True:
            elsewhere = merged(await self._others({"do": "look", "session": session, "name": name}))
            missing = arrivals.count - counted(elsewhere, client_left=arrivals.client_left)
            left = end - loop.time()
            if await gate.until(
                lambda now, missing=missing: (now.left if arrivals.client_left else now.waiting) >= missing,  # type: ignore[misc] # mypy infers no defaults of a lambda
                min(left, _LOOK) if may_be_elsewhere else left,
            ):
                return True
            if gate.is_open or end <= loop.time():
                return False

    async def first(self, session: str, name: str, answers: int) -> Sequence[str]:
        """Return the ids of the requests that have waited longest at a gate."""
        now = await self.look(session, name)
        return [held["request"] for held in now["waiting"] if not held["client_left"]][:answers]

    async def _others(self, step: Step) -> list[Report]:
        return cast("list[Report]", await self.services.sessions.others.ask("gate", {**step}))
