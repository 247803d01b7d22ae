"""Control of the verdict: on one session or on all of them, and the session's policy."""

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, NamedTuple

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.in_turns import in_turns
from chatdouble.core.legible import legible
from chatdouble.core.releasing import release
from chatdouble.recordings.folder import is_recorded
from chatdouble.scripts.reading.load import Placed
from chatdouble.server.auth import ALL, identity_of
from chatdouble.server.control.control import Control
from chatdouble.server.control.reading import read, read_unless_null
from chatdouble.server.control.turns import WaitingTurn
from chatdouble.server.entry import Entry
from chatdouble.state.session import Session
from chatdouble.verdict.policy import Policy
from chatdouble.verdict.suite import Leftover, Suite
from chatdouble.verdict.verdict import Policies, Verdict, judge

POLICY: Final = "verdict"
"""The override that keeps a session's policy."""

_NOTHING: Final = Policy()

Rules = Callable[[], Sequence[Placed]]
"""Returns the rules and recordings of the server."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Gives verdicts: `await control.verdict("sk-test")` judges a session.

    Attributes:
        control: The sessions and their journal.
        catalogue: The models.
        policy: The server's own policy.
        backend: The name of the backend.
        rules: Returns the rules and recordings of the server.
    """

    control: Control
    catalogue: Catalogue
    policy: Policy
    backend: str
    rules: Rules

    async def __call__(self, session: str = ALL, *, strict: bool = False, allow: Sequence[str] = ()) -> Verdict:
        """Return the verdict on a session; on all sessions, rules and recordings for `*`.

        Args:
            session: The session's name, or the key that its client uses, or `*`.
            strict: Whether warnings are errors.
            allow: Problems that do not count: a kind, or `kind: pattern of what was found`.

        Raises:
            APIError: 400: a name is not a kind of problem.
        """
        asked = read(Policy, {"strict": strict, "allow": [*allow]}, "policy")
        known = self.control.services.sessions
        names = [identity_of(session)] if session != ALL else await known.names()
        sessions = [known.named(name) async for name in in_turns(names)]
        # Before the journal is read: it may only grow.
        came = {one.name: await one.journalled() async for one in in_turns(sessions)}
        async with self.control.requests.reading(session) as entries:
            prepared = [await self._prepared(one) async for one in in_turns(sessions)]
            unused = await self._unused(sessions) if session == ALL else []
            policies = await self.policies(names, asked)
            # In a thread, because thousands of requests take longer to judge than an answer may wait.
            return await asyncio.to_thread(self._judged, entries, came, _Left(prepared, unused), policies)

    def _judged(self, entries: list[Entry], came: Mapping[str, int], left: "_Left", policies: Policies) -> Verdict:
        """Return the verdict on entries, and free them."""
        now = self.control.services.clock.now()
        leftovers = [*chain.from_iterable(map(_leftovers, left.prepared)), *left.unused]
        suite = Suite.of(entries, self.catalogue, now, leftovers, _dropped(came, entries))
        verdict = judge(suite, policies, self.backend)
        suite.release()
        release(entries)
        return verdict

    async def policies(self, sessions: Iterable[str], asked: Policy = _NOTHING) -> Policies:
        """Return the policy of each session: the server's, then the session's own, then what is asked for.

        Args:
            sessions: The sessions' names.
            asked: The policy that is asked for.
        """
        named = (self.control.one(name) for name in sessions)
        own = {one.name: kept async for one in in_turns(named) if (kept := await _kept(one))}
        rest = self.policy.followed_by(asked)
        merged = {name: self.policy.followed_by(kept).followed_by(asked) for name, kept in own.items()}
        return lambda session: merged.get(identity_of(session), rest)

    async def _unused(self, sessions: Sequence[Session]) -> list[Leftover]:
        """Return the rules and recordings that no session used."""
        used = {rule async for session in in_turns(sessions) for rule in await session.rules_hit()}
        return await asyncio.to_thread(self._not_in, used)

    def _not_in(self, used: Collection[str]) -> list[Leftover]:
        """Return the rules and recordings that are not among those that were used."""
        return [
            Leftover("recording" if is_recorded(placed.rule) else "rule", placed.id, source=placed.where())
            for placed in self.rules()
            if placed.key not in used
        ]

    async def _prepared(self, session: Session) -> "_Prepared":
        return _Prepared(session.name, await session.queued(), await self.control.turns.waiting(session.name))

    async def set_policy(self, session: str, given: object) -> None:
        """Set the policy of a session's verdict; None clears it.

        Raises:
            APIError: 400: it is not a policy.
        """
        policy = read_unless_null(Policy, given, "policy")
        kept = None if policy is None else policy.model_dump(mode="json", exclude_unset=True)
        await self.control.one(session).override(POLICY, kept)

    async def kept(self, session: str) -> Policy | None:
        """Return the policy that a session has set; None: it has set none."""
        return await _kept(self.control.one(session))


async def _kept(session: Session) -> Policy | None:
    kept = (await session.overrides()).verdict
    return Policy.model_validate(kept) if kept else None


class _Prepared(NamedTuple):
    """The replies that a session queued and did not use, and the turns that were not reached."""

    session: str
    replies: Sequence[Any]
    turns: Sequence[WaitingTurn]


class _Left(NamedTuple):
    """Everything that was not used: of each session, and of the server."""

    prepared: Sequence[_Prepared]
    unused: Sequence[Leftover]


def _leftovers(prepared: _Prepared) -> Iterator[Leftover]:
    for reply in prepared.replies:
        yield Leftover("reply", legible(reply, _SHORT), prepared.session)
    for turn in prepared.turns:
        yield Leftover("turn", f"turn {turn['number']} of {turn['of']} of {turn['conversation']}", prepared.session)


def _dropped(came: Mapping[str, int], entries: Sequence[Entry]) -> dict[str, int]:
    """Return how many requests of each session the journal does not have."""
    shown = {identity_of(entry["session"]): entry["session"] for entry in entries}
    kept = Counter(identity_of(entry["session"]) for entry in entries)
    return {shown.get(name, name): number - kept[name] for name, number in came.items() if number > kept[name]}


_SHORT: Final = 100
