"""Gates as they are now: the answers that wait at them, in this process.

What a gate stops belongs to its session (`state/session.py`); here is only who waits. Control may come from another
thread than the one that serves, so waiting is ended through a `Bell`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

How = Literal["disconnect", "reset", "error"]
"""The ways to abort an answer that waits."""

Outcome = Literal["released", "aborted", "timed out", "opened"]
"""The reasons for which an answer stops waiting."""

_AT_ONCE: Final = 20
"""The answers that go on between two turns of others."""
_KEPT: Final = 100
"""Answers whose client has left that a gate still shows, the newest ones."""


class Bell:
    """The wait of one task for something that any thread may announce, once."""

    __slots__ = ("_loop", "_rung")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._rung: asyncio.Future[None] = self._loop.create_future()

    def ring(self, turns: int = 0) -> None:
        """End the wait, after some turns of others."""
        with suppress(RuntimeError):  # the loop is closed, so nobody waits
            self._loop.call_soon_threadsafe(self._end, turns)

    def _end(self, turns: int) -> None:
        if turns:
            self._loop.call_soon(self._end, turns - 1)
        elif not self._rung.done():
            self._rung.set_result(None)

    async def wait(self, seconds: float) -> None:
        """Wait for the bell, or for a time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung


@dataclass(slots=True, eq=False, repr=False)
class Held:
    """An answer at a gate.

    Attributes:
        request: The id of its request.
        since: When it arrived, in seconds since 1970.
        client_left: Whether its client left while it waited.
        going: Why it need not wait any more; None: it waits.
        how: The way in which it was aborted; None: it was not.
        granted: The chunks that it was allowed to send before it waits again.
        taken: Those of them that it has begun to send.
    """

    request: str
    since: float
    client_left: bool = False
    going: Outcome | None = None
    how: How | None = None
    granted: int = 0
    taken: int = 0
    _bell: Bell | None = None

    async def passage(self, seconds: float) -> None:
        """Wait until the answer may go on, by one chunk or for good; after the time it goes on for good."""
        self._bell = bell = Bell()
        try:
            # Only now, with the bell in place: another thread may release it at any time.
            if not self._may_go():
                await bell.wait(seconds)
        finally:
            self._bell = None
        if not self._may_go():
            self.going = "timed out"
        elif self.going is None:
            self.taken += 1

    def _may_go(self) -> bool:
        return self.going is not None or self.granted > self.taken

    def allow(self, chunks: int, turns: int = 0) -> None:
        """Let it send some chunks, after some turns of others."""
        self.granted += chunks
        self._ring(turns)

    def let_go(self, outcome: Outcome, how: How | None = None, turns: int = 0) -> None:
        """Let it go for good, after some turns of others."""
        if self.going is None:
            self.how, self.going = how, outcome
            self._ring(turns)

    def _ring(self, turns: int) -> None:
        bell = self._bell
        if bell is not None:
            bell.ring(turns)


@dataclass(slots=True, eq=False, repr=False)
class Gate:
    """One gate as it is now.

    Attributes:
        held: The answers at it in the order they arrived, and the newest of those whose client left.
        released: The answers that were let go on.
        timed_out: The answers that waited too long, and went on by themselves.
        is_open: Whether it was removed: nothing stops at it any more.
    """

    held: list[Held] = field(default_factory=list[Held])
    released: int = 0
    timed_out: int = 0
    is_open: bool = False
    _watchers: set[Bell] = field(default_factory=set[Bell])

    def enter(self, request: str, since: float) -> Held:
        """Add an answer that has arrived; at an open gate it goes on at once."""
        held = Held(request, since)
        if self.is_open:
            held.going = "opened"
            return held
        self.held.append(held)
        self._announce()
        return held

    def leave(self, held: Held) -> None:
        """Remove an answer that goes on, whatever the reason; it may have been released chunk by chunk."""
        self.released += held.going is None
        self.timed_out += held.going == "timed out"
        self._drop(held)

    def lose(self, held: Held) -> None:
        """Keep in mind that the client of an answer has left."""
        held.client_left = True
        gone = [one for one in self.held if one.client_left]
        for one in gone[:-_KEPT]:
            self._drop(one)
        self._announce()

    def release(self, chunks: int | None = None, request: str | None = None, answers: int | None = None) -> int:
        """Let answers go on; return how many.

        Args:
            chunks: The chunks that each may send before it waits again; None: all.
            request: The only one to let go on, by the id of its request.
            answers: The number of answers to let go on, those first that waited longest; None: all.
        """
        chosen = [*self._chosen(request, answers)]
        for at, held in enumerate(chosen):
            if chunks is not None:
                held.allow(chunks, at // _AT_ONCE)
                continue
            self.released += 1
            self._drop(held)
            held.let_go("released", None, at // _AT_ONCE)
        return len(chosen)

    def abort(self, how: How, request: str | None = None, answers: int | None = None) -> int:
        """End answers; return how many. The arguments are those of `release`."""
        chosen = [*self._chosen(request, answers)]
        for at, held in enumerate(chosen):
            self._drop(held)
            held.let_go("aborted", how, at // _AT_ONCE)
        return len(chosen)

    def open(self) -> None:
        """Let all answers go on, now and later, and end all waits for them."""
        self.is_open = True
        for at, held in enumerate(tuple(self.held)):
            held.let_go("opened", None, at // _AT_ONCE)
        self.held.clear()
        self._announce()

    @property
    def waiting(self) -> int:
        """The number of answers that wait for their clients."""
        return sum(not held.client_left for held in self.held)

    @property
    def left(self) -> int:
        """The number of answers whose clients have left, as far as they are kept."""
        return sum(held.client_left for held in self.held)

    async def until(self, met: Callable[["Gate"], bool], seconds: float) -> bool:
        """Wait until something is true of the gate; return whether it is by then.

        The wait ends when the time is over or the gate is removed.

        Args:
            met: Tells whether it is true.
            seconds: The longest wait.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while True:
            # The bell is in place before the look: the gate may change in another thread.
            bell = Bell()
            self._watchers.add(bell)
            try:
                left = end - loop.time()
                if met(self) or self.is_open or left <= 0:
                    return met(self)
                await bell.wait(left)
            finally:
                self._watchers.discard(bell)

    def _chosen(self, request: str | None, answers: int | None) -> Iterator[Held]:
        waiting = [held for held in self.held if not held.client_left and request in (None, held.request)]
        return iter(waiting[:answers])

    def _drop(self, held: Held) -> None:
        with suppress(ValueError):  # it was let go in the meantime
            self.held.remove(held)

    def _announce(self) -> None:
        for bell in tuple(self._watchers):
            bell.ring()


class Gates:
    """The gates of all sessions of one server.

    Args:
        sessions: The most sessions with gates; those of the session that was idle longest are removed first.
    """

    def __init__(self, sessions: int = 10_000) -> None:
        self._most = sessions
        self._gates: OrderedDict[str, dict[str, Gate]] = OrderedDict()
        self._closed = False

    def add(self, session: str, name: str) -> None:
        """Add a gate; one of the same name is opened before."""
        self.remove(session, name)
        self._gates.setdefault(session, {})[name] = Gate(is_open=self._closed)
        if len(self._gates) > self._most:
            self.remove_all(next(iter(self._gates)))

    def ensure(self, session: str, name: str) -> Gate:
        """Return a gate, which another process may have set."""
        found = self.find(session, name)
        if found is not None:
            return found
        self.add(session, name)
        return self._gates[session][name]

    def find(self, session: str, name: str) -> Gate | None:
        """Return a gate; None: the session has none of this name."""
        gates = self._gates.get(session)
        if gates is None:
            return None
        self._gates.move_to_end(session)
        return gates.get(name)

    def remove(self, session: str, name: str) -> None:
        """Remove a gate, and let go what waits at it."""
        gates = self._gates.get(session, {})
        gate = gates.pop(name, None)
        if gate is not None:
            gate.open()
        if not gates:
            self._gates.pop(session, None)

    def remove_all(self, session: str | None) -> None:
        """Remove all gates of a session, or of all sessions."""
        for one in [session] if session is not None else [*self._gates]:
            for name in [*self._gates.get(one, {})]:
                self.remove(one, name)

    @property
    def waiting(self) -> int:
        """The number of answers that wait for their clients at any gate."""
        return sum(gate.waiting for gates in tuple(self._gates.values()) for gate in tuple(gates.values()))

    def open(self) -> None:
        """Let everything go, now and later: the server stops."""
        self._closed = True
        for gates in tuple(self._gates.values()):
            for gate in tuple(gates.values()):
                gate.open()
