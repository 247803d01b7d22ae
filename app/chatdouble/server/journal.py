"""The journal: the requests of each session, refused ones included, and their answers."""

import json
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.backend import Call
from chatdouble.core.clock import Clock
from chatdouble.core.headers import as_texts
from chatdouble.core.json import encode
from chatdouble.recordings.redaction import Scrubber, header_secrets, secret_header_names
from chatdouble.state.session import Sessions

_TOLD: Final = "headers"
"""The key of the headers that carry secrets in an entry that was not yet cleaned."""


class Journal:
    """Keeps the newest entries of each session.

    Args:
        sessions: The sessions.
        clock: Dates the entries.
        keep: How many entries a session keeps; 0 keeps none.
    """

    def __init__(self, sessions: Sessions, clock: Clock, keep: int) -> None:
        self._sessions = sessions
        self._private = sessions.private
        self._clock = clock
        self._keep = keep

    async def record(self, call: Call[Any]) -> None:
        """Write a call down. Secrets are removed before its entry leaves this process or is read."""
        if not self._keep:
            return
        headers, names = call.headers, secret_header_names(call.headers.names)
        entry = _Entry(
            call.id,
            call.ordinal,
            self._clock.now(),
            call.seconds(),
            call.session.shown,
            call.method,
            call.path,
            call.raw or b"null",
            call.status,
            call.ended,
            _as_json(call.answer),
            _as_json(noted) if (noted := call.notes.noted()) else b"{}",
            names,
            tuple(map(headers.raw, names)),
        )
        # Looking for secrets takes longer than answering, so it waits until a private entry is read.
        kept = entry if self._private else encode(_without_secrets(entry.written()), repr)
        await call.session.write_journal(kept, self._keep)

    async def entries(self, session: str) -> list[dict[str, Any]]:
        """Return a session's entries, oldest first, without the secrets in what was asked and answered."""
        kept = await self._sessions.named(session).journal()
        return [_without_secrets(one.written()) if isinstance(one, _Entry) else json.loads(one) for one in kept]


class _Entry(NamedTuple):
    """An entry as it is kept. JSON stays bytes, which are small and not tracked by the garbage collector."""

    id: str
    ordinal: int
    at: float
    seconds: float
    session: str
    method: str
    path: str
    request: bytes
    status: int
    ended: str
    response: bytes
    notes: bytes
    names: tuple[bytes, ...]
    """The names of the headers that carry secrets."""
    values: tuple[bytes | None, ...]
    """The values of these headers."""

    def written(self) -> dict[str, Any]:
        """Return the entry as an object, with its secrets and the headers that carry them."""
        return {
            "id": self.id,
            "ordinal": self.ordinal,
            "at": self.at,
            "milliseconds": round(self.seconds * 1000, 3),
            "session": self.session,
            "method": self.method,
            "path": self.path,
            "request": _parsed(self.request),
            "status": self.status,
            "ended": self.ended,
            "response": _parsed(self.response),
            **_parsed(self.notes),
            _TOLD: as_texts((name, value or b"") for name, value in zip(self.names, self.values, strict=True)),
        }


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


def _without_secrets(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without headers, and without secrets: those the headers carry and those that look like one."""
    headers: dict[str, str] = entry.get(_TOLD, {})
    shown = {name: value for name, value in entry.items() if name != _TOLD}
    clean: dict[str, Any] = Scrubber(known=header_secrets(headers.items())).value(shown)
    return {**clean, "session": entry["session"]}
