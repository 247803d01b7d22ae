"""The events of all processes that share a state: each tells the others of its own while somebody listens there."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, cast

from chatdouble.core.errors import APIError
from chatdouble.http.disturbing import closing
from chatdouble.http.shutdown import Shutdown
from chatdouble.server.changes import Changes
from chatdouble.server.events import Dropped, Event, Events
from chatdouble.server.feed import Kind
from chatdouble.server.journal import Journal
from chatdouble.state.others import Answerers, Document
from chatdouble.state.sessions import Sessions

LEASE: Final = 15.0
"""Seconds for which a process that is asked tells of its events; it is asked again after a third of them."""


class EventsEverywhere:
    """The events and changes of this process, and while somebody listens those of all others.

    Args:
        sessions: The way to the others.
        journal: The journal of this process.
        shutdown: Ends listening when the server stops.
    """

    def __init__(self, sessions: Sessions, journal: Journal, shutdown: Shutdown) -> None:
        self._sessions = sessions
        self._all = Events(journal, shutdown)
        self._own = Events(journal, shutdown)
        self._changes = Changes(journal, shutdown)
        self._changes_here = Changes(journal, shutdown)
        self._events_told = _Lease(self._tell_events)
        self._changes_told = _Lease(self._tell_changes)

    async def listen(self, session: str | None, seen: str | None = None) -> AsyncGenerator[Event | Dropped | None]:
        """Yield events as they happen, until the server stops; None comes first, when it listens.

        Args:
            session: The session; None: all of them.
            seen: The id of the last event that the listener has seen; None, or one of another process: it begins now.
        """
        async with self._asking("events"):
            events = self._all.listen(session, self._after(seen))
            async with closing(events):
                async for event in events:
                    yield event

    async def changes(self, session: str | None) -> AsyncGenerator[frozenset[str]]:
        """Yield the sessions that have changed, at most ten times a second; an empty set first, when it listens.

        Args:
            session: The only session to hear of; None: all of them.
        """
        async with self._asking("changes"):
            changes = self._changes.listen(session)
            async with closing(changes):
                async for changed in changes:
                    yield changed

    def id_of(self, event: Event | Dropped) -> str:
        """Return the id of an event, which no event of another process has."""
        return f"{self._mark}{event.number}"

    def answerers(self) -> Answerers:
        """Return what answers other processes."""
        return {
            "events": self._events_told.extend,
            "changes": self._changes_told.extend,
            "event": self._hear_event,
            "changed": self._hear_changes,
        }

    async def _hear_event(self, told: Document) -> Document:
        if self._all.is_heard:
            self._all.hear(cast("Kind", told["kind"]), told["session"], told["data"])
        return {}

    async def _hear_changes(self, told: Document) -> Document:
        self._changes.hear(told["sessions"])
        return {}

    @property
    def is_telling(self) -> bool:
        """True while this process sends its events to the others."""
        return self._events_told.is_running

    @property
    def _mark(self) -> str:
        others = self._sessions.others
        return f"{others.me}-" if others.may_be else ""

    def _after(self, seen: str | None) -> int | None:
        number = (seen or "").removeprefix(self._mark)
        ours = (seen or "").startswith(self._mark) and number.isascii() and number.isdecimal()
        return int(number) if ours else None

    @asynccontextmanager
    async def _asking(self, kind: str) -> AsyncGenerator[None]:
        """Have the other processes tell of something for as long as a `with` lasts."""
        if not self._sessions.others.may_be:
            yield
            return
        await self._ask(kind)
        asking = asyncio.create_task(self._keep_asking(kind))
        try:
            yield
        finally:
            asking.cancel()

    async def _ask(self, kind: str) -> None:
        with suppress(APIError):  # the state is away, and it is asked again
            await self._sessions.others.ask(kind, {})

    async def _keep_asking(self, kind: str) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            await self._ask(kind)

    async def _tell_events(self, begun: asyncio.Event) -> None:
        events = self._own.listen(None)
        async with closing(events):
            async for event in events:
                begun.set()
                if isinstance(event, Event):
                    await self._tell("event", event._asdict())

    async def _tell_changes(self, begun: asyncio.Event) -> None:
        changes = self._changes_here.listen(None)
        async with closing(changes):
            async for changed in changes:
                begun.set()
                if changed:
                    await self._tell("changed", {"sessions": [*changed]})

    async def _tell(self, kind: str, body: Document) -> None:
        with suppress(APIError):  # the state is away, and what is lost is an event
            await self._sessions.others.tell(kind, body)


class _Lease:
    """Something that is done for a while after another process asked for it.

    Args:
        run: Does it until it is cancelled; sets an event once it has begun.
    """

    def __init__(self, run: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
        self._run = run
        self._task: asyncio.Task[None] | None = None
        self._end: asyncio.TimerHandle | None = None

    @property
    def is_running(self) -> bool:
        """True until the lease has ended."""
        return self._task is not None

    async def extend(self, _asked: Document) -> Document:
        """Begin, or go on; return when it has begun."""
        if self._end is not None:
            self._end.cancel()
        self._end = asyncio.get_running_loop().call_later(LEASE, self._stop)
        if self._task is None:
            begun = asyncio.Event()
            self._task = asyncio.create_task(self._run(begun))
            await begun.wait()
        return {}

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = self._end = None
