"""The journal: the requests of each session, refused ones included, and their answers."""

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.backend.call import LARGE
from chatdouble.backend.notes import Remade
from chatdouble.core.clock import Clock
from chatdouble.core.in_turns import in_turns
from chatdouble.core.json import encode, encode_alone
from chatdouble.core.releasing import release
from chatdouble.server.conversations import Conversations
from chatdouble.server.entry import IN_FLIGHT, Entry, WrittenChunk
from chatdouble.server.feed import Feed, Kind, Listener, Watcher
from chatdouble.server.kept_entry import SMALL_PARTS, KeptEntry, size_of
from chatdouble.server.read_entries import (
    CHUNKS,
    NewestEntries,
    Readers,
    Tail,
    chunks_of,
    entries_of,
    newest_of,
    recorded,
)
from chatdouble.server.unwritten import Unwritten
from chatdouble.state.memory_store import Newest
from chatdouble.state.sessions import Sessions

_AT_ONCE: Final = 128 * 1024
"""The bytes of entries that are read at once."""
_SHORT: Final = 8 * 1024
"""The bytes of entries that are read sooner than a thread begins."""

_LONG: Final = 1024 * 1024
"""The bytes of journals that are long."""
_SESSIONS: Final = 256
"""Sessions whose conversations are remembered, those read last."""

_MOST_TURNED_AWAY: Final = 1000
_NO_WRITES: Final[tuple[bytes, bytes, bytes, Remade | None]] = (b"", b"", b"", None)
_TURNED_AWAY_BYTES: Final = 4 * 1024 * 1024
"""The most of the requests that were not let in: they may come from anybody."""


class Journal:
    """Keeps the newest entries of each session.

    Args:
        sessions: The sessions.
        clock: Dates the entries.
        keep: How many entries a session keeps; 0 keeps none.
        most_bytes: The bytes of an entry beyond which its bodies are left out.

    Attributes:
        readers: Those who read.
    """

    def __init__(self, sessions: Sessions, clock: Clock, keep: int, most_bytes: int = 64 * 1024 * 1024) -> None:
        self._sessions = sessions
        self._private = sessions.private
        self._clock = clock
        self._keep = keep
        self._most_bytes = most_bytes
        self._running: dict[int, Call[Any]] = {}
        self._turned_away = Newest()
        self._times_turned_away = 0
        self._conversations: dict[str, Conversations] = {}
        self._feed = Feed()
        self._unwritten = Unwritten(keep)
        self._telling: dict[int, asyncio.Task[None]] = {}
        # Several threads at once would keep the one that serves waiting, as Python runs one of them at a time.
        self._reading = asyncio.Lock()
        self.readers = Readers()

    @property
    def is_kept(self) -> bool:
        """True if entries are kept."""
        return self._keep > 0

    @property
    def is_heard(self) -> bool:
        """True if anybody listens."""
        return bool(self._feed.listeners)

    @property
    def unwritten(self) -> int:
        """The number of entries that wait for the store to come back."""
        return len(self._unwritten)

    def begin(self, call: Call[Any]) -> None:
        """List a call among those in flight, until it is recorded."""
        if self._keep:
            self._running[id(call)] = call
            call.is_journalled = True
            if self._feed.is_followed:
                call.on_body = self._tell_begun

    async def in_flight(self, session: str) -> int:
        """Return the number of a session's calls that have not ended."""
        return len(self._running_in(session)) + len(await self._elsewhere(session))

    def in_flight_here(self, session: str) -> list[Entry]:
        """Return the entries of a session's calls that have not ended in this process, without secrets."""
        return [one.shown() for one in self._running_in(session)]

    def _running_in(self, session: str) -> list[KeptEntry]:
        running = tuple(self._running.values())  # a copy, as another thread may read
        return [self._in_flight(call) for call in running if call.session.name == session]

    async def _elsewhere(self, session: str) -> list[Entry]:
        """Return the entries of a session's calls that have not ended in other processes."""
        found = await self._sessions.others.ask("in flight", {"session": session})
        return [entry for answer in found for entry in answer["entries"]]

    async def record(self, call: Call[Any]) -> None:
        """Write a call down. Secrets are removed before its entry leaves this process or is read."""
        if not self._keep:
            return
        self._running.pop(id(call), None)
        entry = self._entry(call)
        size = entry.size
        if size > self._most_bytes:
            entry = entry.without_bodies()
            size = entry.size
        if not call.admitted:
            most = min(self._keep, _MOST_TURNED_AWAY)
            self._turned_away.append(entry, size, most, _TURNED_AWAY_BYTES)
            return
        # Looking for secrets takes longer than answering, so it waits until a private entry is read.
        if self._private:
            await call.session.write_journal(entry, size, self._keep)
        else:
            shown = await self._shown(entry)
            await self._unwritten.write(call.session, encode({**shown, CHUNKS: entry.chunks()}, repr))
        if self._telling and (begun := self._telling.pop(id(call), None)):
            await begun
        if self._feed.is_followed:
            self._feed.change(call.session.name)
            if self._feed.is_heard_of(call.session.name):
                await self._tell("entry", call.session.name, entry)

    @contextmanager
    def listening(self, session: str | None, listener: Listener, most: int | None = None) -> Generator[None]:
        """Tell a listener of requests for as long as a `with` lasts.

        Args:
            session: The session; None: all of them.
            listener: Takes the events, in the thread that serves.
            most: The bytes of an entry beyond which it comes without its bodies; None: it has them always.
        """
        with self._feed.listening(session, listener, most):
            for call in tuple(self._running.values()):  # of which no body may have come yet
                call.on_body = self._tell_begun
            yield

    @contextmanager
    def watching(self, watcher: Watcher) -> Generator[None]:
        """Tell a watcher which sessions change, for as long as a `with` lasts."""
        with self._feed.watching(watcher):
            yield

    def _tell_begun(self, call: Call[Any]) -> None:
        self._feed.change(call.session.name)
        if not self._feed.is_heard_of(call.session.name):
            return
        entry = self._in_flight(call)
        if entry.size <= LARGE:
            self._feed.tell("request", call.session.name, entry.shown(), entry.size)
        else:
            self._telling[id(call)] = asyncio.create_task(self._tell("request", call.session.name, entry))

    async def _tell(self, kind: Kind, session: str, entry: KeptEntry) -> None:
        """Tell of an entry, if it is large once a thread has looked for secrets in it."""
        size = entry.size
        if self._feed.listeners_to(session, size, whole=False):
            brief = await self._shown(entry.without_bodies(b"; the journal has them"))
            self._feed.tell(kind, session, brief, size, whole=False)
        if self._feed.listeners_to(session, size, whole=True):
            held: list[Any] = [await self._shown(entry)]
            self._feed.tell(kind, session, held[0], size)
            if size > LARGE:
                await asyncio.to_thread(release, held)

    async def entries(self, session: str) -> list[Entry]:
        """Return a session's entries, oldest first and those in flight last, without the secrets in them."""
        await recorded(self._running.values(), session)
        # Before the journal is read, so that none is missed which ends in between; it would be there twice.
        running = [*self._running_in(session), *await self._elsewhere(session)]
        kept = await self._sessions.named(session).journal()
        read = partial(entries_of, kept, running, self._conversations_of(session))
        # In a thread, because a long journal takes longer to read than an answer may wait.
        return read() if sum(map(size_of, (*kept, *running))) <= _SHORT else await asyncio.to_thread(read)

    async def is_long(self, sessions: Iterable[str]) -> bool:
        """Tell whether the entries of sessions have many bytes together."""
        size = 0
        async for session in in_turns(sessions):
            size += sum(map(size_of, (*await self._sessions.named(session).journal(), *self._running_in(session))))
            if size > _LONG:
                return True
        return False

    async def newest(self, sessions: Iterable[str], most: int) -> NewestEntries:
        """Return the newest entries of sessions by their ends, with the oldest in flight.

        Those of long journals have their places in conversations among themselves, so that the others are not read.

        Args:
            sessions: The sessions.
            most: The most entries that have ended, and the most in flight.
        """
        running = [(call.session.name, self._in_flight(call)) for call in [*self._running.values()][:most]]
        tails: list[Tail] = []
        count = size = 0
        async for session in in_turns(sessions):
            own = [*(one for name, one in running if name == session), *await self._elsewhere(session)][:most]
            kept = await self._sessions.named(session).journal()
            count += len(kept) + len(own)
            tails.append(Tail(kept[-most:], own, self._conversations_of(session)))
            size += sum(map(size_of, (*kept[-most:], *own)))
        read = partial(newest_of, tails, most, are_all=count <= most)
        # To give some milliseconds of work to a thread takes longer than they do.
        are_short = size <= _AT_ONCE
        return NewestEntries(read() if are_short else await asyncio.to_thread(read), count, are_short)

    def _conversations_of(self, session: str) -> Conversations:
        found = self._conversations.pop(session, None) or Conversations()
        self._conversations[session] = found  # the last one, as a dictionary keeps its order
        if len(self._conversations) > _SESSIONS:
            del self._conversations[next(iter(self._conversations))]
        return found

    async def chunks(self, session: str, entry_id: str) -> list[WrittenChunk]:
        """Return the chunks of an entry's answer, if it was paced, disturbed or relayed."""
        return chunks_of(await self._sessions.named(session).journal(), entry_id)

    def begun(self, call: Call[Any]) -> Entry:
        """Return the entry of a call that has not ended, without the secrets in it."""
        return self._in_flight(call).shown()

    def _in_flight(self, call: Call[Any]) -> KeptEntry:
        return self._entry(call)._replace(status=0, ended=IN_FLIGHT, response=b"null")

    def turn_away(self) -> int:
        """Count a call that is not let in; return how many there were with it."""
        self._times_turned_away += 1
        return self._times_turned_away

    def turned_away(self) -> list[Entry]:
        """Return the newest entries of calls that were not let in, oldest first."""
        return [entry.shown() for entry in self._turned_away]

    def forget_turned_away(self) -> None:
        """Drop the entries of calls that were not let in."""
        self._turned_away.clear()

    async def _shown(self, entry: KeptEntry) -> Entry:
        """Return an entry without the secrets in it, for which a thread looks if it is large."""
        if entry.size <= LARGE:
            return entry.shown()
        async with self._reading:
            return await asyncio.to_thread(entry.shown)

    def _entry(self, call: Call[Any]) -> KeptEntry:
        seconds, writes = call.services.clock.monotonic() - call.arrived, call.writes
        path, headers, request = call.path, call.headers.lines, call.raw or b"null"
        response = call.answer if isinstance(call.answer, bytes) else encode_alone(call.answer)
        notes = encode_alone(call.notes.noted()) if vars(call.notes) else b"{}"
        texts = len(path) + len(headers) + len(notes)
        times, packed, rest, remade = _NO_WRITES
        if writes:
            times = writes.times.tobytes() + writes.sizes.tobytes()
            packed, rest, remade = writes.packed, writes.rest, writes.remade
            texts += len(times) + len(packed) + len(rest) + (remade.size if remade else 0)
        return KeptEntry(
            call.id,
            call.ordinal,
            self._clock.now() - seconds,
            seconds,
            call.session.shown,
            call.method,
            path,
            headers,
            request,
            call.status,
            call.ended,
            response,
            notes,
            times,
            packed,
            rest,
            remade,
            bytearray(),
            SMALL_PARTS + texts + len(request) + len(response),
        )
