"""The events of all processes that share a state: each tells the others of its own while somebody listens there."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any, Final, cast

import orjson

from chatdouble.core.errors import APIError
from chatdouble.core.json import encode
from chatdouble.http.connection import Shutdown
from chatdouble.http.disturbing import closing
from chatdouble.server.events import Dropped, Event, Events
from chatdouble.server.feed import Kind
from chatdouble.server.journal import Journal
from chatdouble.state.sessions import Sessions

LEASE: Final = 15.0
"""Seconds for which a process that is asked tells of its events; it is asked again after a third of them."""

_MOST_BYTES: Final = 1024 * 1024
"""The bytes of an event up to which other processes are sent its bodies."""


class EventsEverywhere:
    """The events of this process, and while somebody listens those of all others.

    Args:
        sessions: The way to the others.
        journal: The journal of this process.
        shutdown: Ends listening when the server stops.
    """

    def __init__(self, sessions: Sessions, journal: Journal, shutdown: Shutdown) -> None:
        self._sessions = sessions
        self._all = Events(journal, shutdown)
        self._own = Events(journal, shutdown)
        self._telling: asyncio.Task[None] | None = None
        self._end: asyncio.TimerHandle | None = None

    async def listen(self, session: str | None, seen: str | None = None) -> AsyncGenerator[Event | Dropped | None]:
        """Yield events as they happen, until the server stops; None comes first, when it listens.

        Args:
            session: The session; None: all of them.
            seen: The id of the last event that the listener has seen; None, or one of another process: it begins now.
        """
        asking = asyncio.create_task(self._keep_asking()) if await self._ask() else None
        try:
            events = self._all.listen(session, self._after(seen))
            async with closing(events):
                async for event in events:
                    yield event
        finally:
            if asking is not None:
                asking.cancel()

    def id_of(self, event: Event | Dropped) -> str:
        """Return the id of an event, which no event of another process has."""
        return f"{self._mark}{event.number}"

    async def tell(self, _asked: Mapping[str, Any]) -> dict[str, Any]:
        """Begin to tell the other processes of this one's events, or go on."""
        loop = asyncio.get_running_loop()
        if self._end is not None:
            self._end.cancel()
        self._end = loop.call_later(LEASE, self._stop)
        if self._telling is None:
            listening = asyncio.Event()
            self._telling = asyncio.create_task(self._tell(listening))
            await listening.wait()
        return {}

    async def hear(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Take an event of another process."""
        if self._all.is_heard:
            self._all.hear(cast("Kind", told["kind"]), told["session"], told["data"])
        return {}

    @property
    def is_telling(self) -> bool:
        """True while other processes are told of this one's events."""
        return self._telling is not None

    @property
    def _mark(self) -> str:
        others = self._sessions.others
        return f"{others.me}-" if others.may_be else ""

    def _after(self, seen: str | None) -> int | None:
        number = (seen or "").removeprefix(self._mark)
        ours = (seen or "").startswith(self._mark) and number.isascii() and number.isdecimal()
        return int(number) if ours else None

    async def _ask(self) -> bool:
        """Ask the other processes to tell of their events; return whether there may be any."""
        if self._sessions.others.may_be:
            with suppress(APIError):  # the state is away, and it is asked again
                await self._sessions.others.ask("events", {})
            return True
        return False

    async def _keep_asking(self) -> None:
        while True:
            await asyncio.sleep(LEASE / 3)
            await self._ask()

    async def _tell(self, listening: asyncio.Event) -> None:
        events = self._own.listen(None)
        async with closing(events):
            async for event in events:
                if isinstance(event, Event):
                    told = {"kind": event.kind, "session": event.session, "data": _bounded(event.data)}
                    with suppress(APIError):  # the state is away, and what is lost is an event
                        await self._sessions.others.tell("event", told)
                else:
                    listening.set()

    def _stop(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
        self._telling = self._end = None


def _bounded(data: str) -> str:
    """Return an event without its bodies if it is too large for Redis to send to all."""
    if len(data) <= _MOST_BYTES:
        return data
    omitted = f"[{len(data)} bytes; the journal has them]"
    return encode({**orjson.loads(data), "request": omitted, "response": omitted}).decode()
