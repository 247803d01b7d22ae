"""The journal: the requests of each session, refused ones included, and their answers."""

import asyncio
import json
from array import array
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.backend import Call
from chatdouble.core.clock import Clock
from chatdouble.core.json import as_object, encode, is_nested
from chatdouble.recordings.redaction import REDACTED, Scrubber, header_secrets, is_secret_header
from chatdouble.server.conversations import Conversations
from chatdouble.server.entry import IN_FLIGHT, Chunk, Entry
from chatdouble.server.feed import Feed, Listener
from chatdouble.server.unwritten import Unwritten
from chatdouble.state.newest import Newest
from chatdouble.state.sessions import Sessions

_DEEP: Final = 200
"""Levels of objects and arrays up to which every JSON library reads an entry."""

_SESSIONS: Final = 256
"""Sessions whose conversations are remembered, those read last."""

_MOST_TURNED_AWAY: Final = 1000
_TURNED_AWAY_BYTES: Final = 4 * 1024 * 1024
"""The most of the requests that were not let in: they may come from anybody."""

_SMALL_PARTS: Final = 600
"""The bytes of an entry beside its texts."""

_CHUNKS: Final = "chunks"
"""The key of the chunks in entries of a store that others see, too."""


class Journal:
    """Keeps the newest entries of each session.

    Args:
        sessions: The sessions.
        clock: Dates the entries.
        keep: How many entries a session keeps; 0 keeps none.
        most_bytes: The bytes of an entry beyond which its bodies are left out.
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

    @property
    def is_kept(self) -> bool:
        """True if entries are kept."""
        return self._keep > 0

    @property
    def is_heard(self) -> bool:
        """True if anybody listens."""
        return bool(self._feed.listeners)

    def begin(self, call: Call[Any]) -> None:
        """List a call among those in flight, until it is recorded."""
        if self._keep:
            self._running[id(call)] = call
            call.is_journalled = True
            if self._feed.listeners:
                call.on_body = self._tell_begun

    async def in_flight(self, session: str) -> int:
        """Return the number of a session's calls that have not ended."""
        return len(self._running_in(session)) + len(await self._elsewhere(session))

    def in_flight_here(self, session: str) -> list[Entry]:
        """Return the entries of a session's calls that have not ended in this process, without secrets."""
        return [one.shown() for one in self._running_in(session)]

    def _running_in(self, session: str) -> list["_Entry"]:
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
        if entry.size > self._most_bytes:
            entry = entry.without_bodies()
        if not call.admitted:
            most = min(self._keep, _MOST_TURNED_AWAY)
            self._turned_away.append(entry, entry.size, most, _TURNED_AWAY_BYTES)
            return
        # Looking for secrets takes longer than answering, so it waits until a private entry is read.
        if self._private:
            await call.session.write_journal(entry, entry.size, self._keep)
        else:
            await self._unwritten.write(call.session, encode({**entry.shown(), _CHUNKS: entry.chunks()}, repr))
        if self._feed.listeners and self._feed.is_heard_of(call.session.name):
            self._feed.tell("entry", call.session.name, entry.shown())

    @contextmanager
    def listening(self, session: str | None, listener: Listener) -> Generator[None]:
        """Tell a listener of requests for as long as a `with` lasts.

        Args:
            session: The session; None: all of them.
            listener: Takes the events, in the thread that serves.
        """
        with self._feed.listening(session, listener):
            for call in tuple(self._running.values()):  # of which no body may have come yet
                call.on_body = self._tell_begun
            yield

    def _tell_begun(self, call: Call[Any]) -> None:
        if self._feed.is_heard_of(call.session.name):
            self._feed.tell("request", call.session.name, self.begun(call))

    async def entries(self, session: str) -> list[Entry]:
        """Return a session's entries, oldest first and those in flight last, without the secrets in them."""
        # Before the journal is read, so that none is missed which ends in between; it would be there twice.
        running = [*self._running_in(session), *await self._elsewhere(session)]
        kept = await self._sessions.named(session).journal()
        # In a thread, because a long journal takes longer to read than an answer may wait.
        return await asyncio.to_thread(_entries, kept, running, self._conversations_of(session))

    def _conversations_of(self, session: str) -> Conversations:
        found = self._conversations.pop(session, None) or Conversations()
        self._conversations[session] = found  # the last one, as a dictionary keeps its order
        if len(self._conversations) > _SESSIONS:
            del self._conversations[next(iter(self._conversations))]
        return found

    async def chunks(self, session: str, entry_id: str) -> list[Chunk]:
        """Return the chunks of an entry's answer, if it was paced, disturbed or relayed."""
        for one in await self._sessions.named(session).journal():
            if isinstance(one, _Entry):
                if one.id == entry_id:
                    return one.chunks()
            elif (written := json.loads(one))["id"] == entry_id:
                found: list[Chunk] = written[_CHUNKS]
                return found
        return []

    def begun(self, call: Call[Any]) -> Entry:
        """Return the entry of a call that has not ended, without the secrets in it."""
        return self._in_flight(call).shown()

    def _in_flight(self, call: Call[Any]) -> "_Entry":
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

    def _entry(self, call: Call[Any]) -> "_Entry":
        seconds = call.seconds()
        return _Entry(
            call.id,
            call.ordinal,
            self._clock.now() - seconds,
            seconds,
            call.session.shown,
            call.method,
            call.path,
            call.headers.lines,
            call.raw or b"null",
            call.status,
            call.ended,
            _as_json(call.answer),
            _as_json(noted) if (noted := call.notes.noted()) else b"{}",
            call.writes.tobytes() if call.writes else b"",
        )


class _Entry(NamedTuple):
    """An entry as it is kept. JSON stays bytes, which are small and not tracked by the garbage collector."""

    id: str
    ordinal: int
    at: float
    seconds: float
    session: str
    method: str
    path: str
    headers: bytes
    request: bytes
    status: int
    ended: str
    response: bytes
    notes: bytes
    writes: bytes

    @property
    def size(self) -> int:
        """Its bytes, roughly."""
        return (
            _SMALL_PARTS
            + len(self.path)
            + sum(map(len, (self.headers, self.request, self.response, self.notes, self.writes)))
        )

    def without_bodies(self) -> "_Entry":
        """Return the entry without the bodies, which say how large they were."""
        omitted = [b'"[%d bytes, more than --journal-bytes]"' % len(body) for body in (self.request, self.response)]
        return self._replace(request=omitted[0], response=omitted[1])

    def chunks(self) -> list[Chunk]:
        """Return when the pieces of the answer were written, and their sizes."""
        numbers = iter(array("d", self.writes))
        return [{"at": round(at, 4), "bytes": int(size)} for at, size in zip(numbers, numbers, strict=True)]

    def shown(self) -> Entry:
        """Return the entry as an object, without the secrets that its headers carry and those that look like one."""
        lines = self.headers.decode("latin-1").split("\n") if self.headers else []
        headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
        entry = {
            "id": self.id,
            "ordinal": self.ordinal,
            "at": self.at,
            "milliseconds": round(self.seconds * 1000, 3),
            "session": self.session,
            "method": self.method,
            "path": self.path,
            "headers": {name: REDACTED if is_secret_header(name) else value for name, value in headers.items()},
            "request": _parsed(self.request),
            "status": self.status,
            "ended": self.ended,
            "response": _parsed(self.response),
            **as_object(_parsed(self.notes)),
        }
        clean: Entry = Scrubber(known=header_secrets(headers.items())).value(entry)
        clean["session"] = self.session
        return clean


def _entries(kept: Iterable[Any], running: Iterable[Any], conversations: Conversations) -> list[Entry]:
    """Return entries as they are read, those in flight last, each with its place in its conversation."""
    entries = [one.shown() if isinstance(one, _Entry) else _read(one) for one in kept]
    ended = {entry["id"] for entry in entries}
    shown: Iterable[Entry] = (one.shown() if isinstance(one, _Entry) else one for one in running)
    entries += [entry for entry in shown if entry["id"] not in ended]
    conversations.place(entries)
    return entries


def _read(written: bytes) -> Entry:
    """Return an entry of a store that others see, too."""
    found = json.loads(written)
    del found[_CHUNKS]
    entry: Entry = found
    return entry


def _as_json(value: Any) -> bytes:
    """Return a value as JSON; bytes are JSON already."""
    # A copy: the bytes that orjson returns keep the buffer they were written in, often 4 KB.
    return value if isinstance(value, bytes) else bytes(memoryview(encode(value, repr)))


def _parsed(value: bytes) -> Any:
    """Return a JSON value; the text of what is not JSON, or is nested too deeply to be written again."""
    try:
        parsed: Any = orjson.loads(value)
    except orjson.JSONDecodeError:
        try:
            parsed = json.loads(value)  # only the standard library reads lone surrogates
        except (ValueError, RecursionError):
            return _text(value)
    may_be_deep = value.count(b"[") + value.count(b"{") > _DEEP
    return _text(value) if may_be_deep and is_nested(parsed, _DEEP) else parsed


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")
