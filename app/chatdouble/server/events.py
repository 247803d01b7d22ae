"""The events of the journal, kept for a while so that a listener can continue where it was."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import ExitStack
from typing import Final, NamedTuple

from chatdouble.core.json import encode
from chatdouble.http.shutdown import Shutdown
from chatdouble.server.entry import Entry
from chatdouble.server.feed import Kind
from chatdouble.server.journal import Journal

KEPT: Final = 1000
"""Events that are kept, the newest ones."""
KEPT_BYTES: Final = 16 * 1024 * 1024
"""The most bytes of events that are kept."""
LONGEST: Final = 1024 * 1024
"""The bytes of an entry beyond which its event has no bodies."""
_AT_ONCE: Final = 20
"""The listeners that are woken between two turns of others."""
_LINGER: Final = 60.0
"""Seconds for which events are still kept once nobody listens."""


class Event(NamedTuple):
    """An event.

    Attributes:
        number: Its number, from 1.
        kind: `request` when the body of a request has come, `entry` when it has ended.
        session: The session.
        data: The entry as JSON, as it was then.
    """

    number: int
    kind: Kind
    session: str
    data: str


class Dropped(NamedTuple):
    """Events that a listener has missed: they are not kept any more.

    Attributes:
        number: The number of the last of them.
        missed: How many they are, of all sessions.
    """

    number: int
    missed: int


class Events:
    """The newest events. Nothing is kept before the first listener comes, and soon after the last one has left.

    Args:
        journal: The journal, whose feed is listened to.
        shutdown: Ends listening when the server stops.
    """

    def __init__(self, journal: Journal, shutdown: Shutdown) -> None:
        self._journal = journal
        self._shutdown = shutdown
        self._kept: deque[Event] = deque()
        self._bytes = 0
        self._number = 0
        self._listeners: set[Waker] = set()
        self._called: deque[Waker] = deque()
        self._feed = ExitStack()
        self._end: asyncio.TimerHandle | None = None

    async def listen(self, session: str | None, after: int | None = None) -> AsyncGenerator[Event | Dropped | None]:
        """Yield events as they happen, until the server stops; None comes first, when it listens.

        Args:
            session: The session; None: all of them.
            after: The number of the last event that the listener has seen; None: it begins now.
        """
        # A number from another run of the server says nothing of this one.
        listener = Waker(session, self._number if after is None or after > self._number else after)
        self._enter(listener)
        try:
            yield None
            while not listener.over:
                listener.wake.clear()
                event = self._after(listener.seen)
                if event is not None:
                    listener.seen = event.number
                if isinstance(event, Dropped) or (event is not None and listener.wants(event)):
                    # Others get their turns before the next event, of which all listeners may have very many.
                    if listener.seen < self._number:
                        self._call(listener)
                    yield event
                    await listener.wake.wait()
                elif event is None:
                    await listener.wake.wait()
        finally:
            self._leave(listener)

    @property
    def is_heard(self) -> bool:
        """True if anybody listens."""
        return bool(self._listeners)

    def hear(self, kind: Kind, session: str, data: str) -> None:
        """Keep an event, and wake those who listen.

        Args:
            kind: Its kind.
            session: The session.
            data: The entry as JSON.
        """
        self._number += 1
        event = Event(self._number, kind, session, data)
        self._kept.append(event)
        self._bytes += len(event.data)
        while len(self._kept) > KEPT or (self._bytes > KEPT_BYTES and len(self._kept) > 1):
            self._bytes -= len(self._kept.popleft().data)
        for listener in self._listeners:
            if listener.wants(event):
                self._call(listener)
            elif listener.seen == event.number - 1:
                listener.seen = event.number  # without being woken: there may be very many listeners

    def _call(self, listener: "Waker") -> None:
        """Wake a listener after those that were called before, a few at once: each takes a while to send an event."""
        if not self._called:
            asyncio.get_running_loop().call_soon(self._wake)
        self._called.append(listener)

    def _wake(self) -> None:
        for _ in range(min(_AT_ONCE, len(self._called))):
            self._called.popleft().wake.set()
        if self._called:
            asyncio.get_running_loop().call_soon(self._wake)

    def _after(self, seen: int) -> Event | Dropped | None:
        """Return the event after another one; None: there is none yet."""
        first = self._number - len(self._kept) + 1
        if seen + 1 < first:
            return Dropped(first - 1, first - seen - 1)
        return self._kept[seen - first + 1] if seen < self._number else None

    def _hear(self, kind: Kind, session: str, entry: Entry) -> None:
        data = encode(entry)
        if len(data) > LONGEST:
            left_out = f"[{len(data)} bytes; the journal has them]"
            data = encode({**entry, "request": left_out, "response": left_out})
        self.hear(kind, session, data.decode())

    def _enter(self, listener: "Waker") -> None:
        if self._end is not None:
            self._end.cancel()
            self._end = None
        elif not self._listeners:
            self._feed.enter_context(self._journal.listening(None, self._hear, LONGEST))
        self._listeners.add(listener)
        self._shutdown.stall(listener)

    def _leave(self, listener: "Waker") -> None:
        self._shutdown.leave(listener)
        self._listeners.discard(listener)
        if not self._listeners:
            self._end = asyncio.get_running_loop().call_later(_LINGER, self._forget)

    def _forget(self) -> None:
        self._end = None
        self._feed.close()
        self._kept.clear()
        self._bytes = 0


class Waker:
    """One who listens.

    Args:
        session: The session; None: all of them.
        seen: The number of the last event that it has seen.

    Attributes:
        seen: The number of the last event that it has seen, or does not want.
        wake: Set when there is an event, or when it is over.
        over: Whether the server stops.
    """

    def __init__(self, session: str | None = None, seen: int = 0) -> None:
        self._session = session
        self.seen = seen
        self.wake = asyncio.Event()
        self.over = False

    def wants(self, event: Event) -> bool:
        """Tell whether an event is of its session."""
        return self._session in (None, event.session)

    def cancel(self) -> None:
        """End listening."""
        self.over = True
        self.wake.set()
