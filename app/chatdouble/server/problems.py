"""The kinds of problems of single requests, as the verdict finds them."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.clock import Clock
from chatdouble.server.entry import Entry
from chatdouble.verdict.suite import Suite
from chatdouble.verdict.verdict import Policies, judge

Kinds = Callable[[Entry], Sequence[str]]
"""Returns the kinds of an entry's problems."""

PoliciesOf = Callable[[Iterable[str]], Awaitable[Policies]]
"""Returns the policies of the verdict on sessions."""


@dataclass(frozen=True, slots=True)
class Problems:
    """Finds the problems of requests, under the policies of their sessions.

    Attributes:
        catalogue: The models.
        clock: The server's clock.
        policies: Returns the policies.
    """

    catalogue: Catalogue
    clock: Clock
    policies: PoliciesOf

    async def among(self, entries: Sequence[Entry], *, are_short: bool = False) -> Kinds:
        """Return the kinds of entries that are judged together: a request may have a problem with those before it.

        Args:
            entries: The entries.
            are_short: Whether it takes some milliseconds to judge them.
        """
        policies = await self.policies({entry["session"] for entry in entries})
        if are_short:
            kinds = self._found(entries, policies)
        else:
            # In a thread, because thousands of requests take longer to judge than an answer may wait.
            kinds = await asyncio.to_thread(self._found, entries, policies)
        return lambda entry: kinds.get(entry["id"], [])

    async def alone(self, sessions: Iterable[str]) -> Kinds:
        """Return the kinds of entries of some sessions that are judged one by one, as they come."""
        policies = await self.policies(sessions)
        return lambda entry: self._found([entry], policies).get(entry["id"], [])

    def _found(self, entries: Sequence[Entry], policies: Policies) -> Mapping[str, list[str]]:
        """Return the kinds of problems by the ids of the requests that have them."""
        kinds: defaultdict[str, list[str]] = defaultdict(list)
        suite = Suite.of(entries, self.catalogue, self.clock.now())
        for problem in judge(suite, policies)["problems"]:
            for request in problem["requests"]:
                kinds[request].append(problem["kind"])
        suite.release()
        return kinds
