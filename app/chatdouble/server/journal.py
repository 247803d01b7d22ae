"""The journal: the requests of each session, refused ones included, and their answers."""

import json
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.backend import Call
from chatdouble.core.clock import Clock
from chatdouble.core.json import encode
from chatdouble.recordings.redaction import REDACTED, Scrubber, header_secrets, is_secret_header
from chatdouble.state.newest import Newest
from chatdouble.state.session import Sessions

_MOST_TURNED_AWAY: Final = 1000
_TURNED_AWAY_BYTES: Final = 4 * 1024 * 1024
"""The most of the requests that were not let in: they may come from anybody."""

_SMALL_PARTS: Final = 600
"""The bytes of an entry beside its texts."""

_IN_FLIGHT: Final = "in flight"
"""The end of a request that has not ended."""


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

    def begin(self, call: Call[Any]) -> None:
        """List a call among those in flight, until it is recorded."""
        if self._keep:
            self._running[id(call)] = call

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
        kept = entry if self._private else encode(entry.shown(), repr)
        await call.session.write_journal(kept, entry.size if self._private else len(kept), self._keep)

    async def entries(self, session: str) -> list[dict[str, Any]]:
        """Return a session's entries, oldest first and those in flight last, without the secrets in them."""
        # A copy, as another thread may read.
        running = [call for call in tuple(self._running.values()) if call.session.name == session]
        kept = await self._sessions.named(session).journal()
        shown = [one.shown() if isinstance(one, _Entry) else json.loads(one) for one in kept]
        in_flight = (self._entry(call)._replace(status=0, ended=_IN_FLIGHT, response=b"null") for call in running)
        return [*shown, *(entry.shown() for entry in in_flight)]

    def turn_away(self) -> int:
        """Count a call that is not let in; return how many there were with it."""
        self._times_turned_away += 1
        return self._times_turned_away

    def turned_away(self) -> list[dict[str, Any]]:
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

    @property
    def size(self) -> int:
        """Its bytes, roughly."""
        return _SMALL_PARTS + len(self.path) + sum(map(len, (self.headers, self.request, self.response, self.notes)))

    def without_bodies(self) -> "_Entry":
        """Return the entry without the bodies, which say how large they were."""
        omitted = [b'"[%d bytes, more than --journal-bytes]"' % len(body) for body in (self.request, self.response)]
        return self._replace(request=omitted[0], response=omitted[1])

    def shown(self) -> dict[str, Any]:
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
            **_parsed(self.notes),
        }
        clean: dict[str, Any] = Scrubber(known=header_secrets(headers.items())).value(entry)
        return {**clean, "session": self.session}


def _as_json(value: Any) -> bytes:
    """Return a value as JSON; bytes are JSON already."""
    # A copy: the bytes that orjson returns keep the buffer they were written in, often 4 KB.
    return value if isinstance(value, bytes) else bytes(memoryview(encode(value, repr)))


def _parsed(value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(value)  # only the standard library reads lone surrogates
    except ValueError:
        return value.decode("utf-8", "replace")  # a request that is not JSON
