"""The journal: what was asked and what came of it, refused requests too, per session."""

import json
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.backend.exchange import Exchange
from chatdouble.core.clock import Clock
from chatdouble.core.headers import as_texts
from chatdouble.core.json import encode
from chatdouble.recordings.redaction import Scrubber, header_secrets, secret_header_names
from chatdouble.state.store import Store

_LIST: Final = "journal"
_TOLD: Final = "headers"
"""Where an entry keeps the headers that carry secrets, until it is read."""


class Journal:
    """Keeps the newest entries of each session in the store.

    Args:
        store: Where they are kept.
        clock: Tells when they came.
        keep: How many a session keeps; 0 keeps none.
    """

    def __init__(self, store: Store, clock: Clock, keep: int) -> None:
        self._store = store
        self._clock = clock
        self._keep = keep

    async def record(self, exchange: Exchange) -> None:
        """Write an exchange down; secrets are out of its entry before that leaves this process or is read."""
        if self._keep:
            # To look for secrets takes longer than to answer, so what nobody else can see waits until it is read.
            kept = self._entry(exchange)
            told = kept if self._store.private else encode(_without_secrets(kept.written()), repr)
            await self._store.push(exchange.session, _LIST, told, self._keep)

    def _entry(self, exchange: Exchange) -> "_Entry":
        headers, notes = exchange.headers, exchange.notes
        if exchange.unknown_model:
            notes = {**notes, "warnings": [*notes.get("warnings", ()), _unknown(exchange.unknown_model)]}
        names = secret_header_names(headers.names)
        return _Entry(
            exchange.id,
            exchange.ordinal,
            self._clock.now(),
            self._clock.monotonic() - exchange.started,
            exchange.session,
            exchange.method,
            exchange.path,
            _as_json(exchange.body),
            exchange.status,
            exchange.ended,
            _as_json(exchange.answer),
            _as_json(notes) if notes else b"{}",
            names,
            tuple(map(headers.raw, names)),
        )

    async def entries(self, session: str) -> list[dict[str, Any]]:
        """Return a session's entries, oldest first, without the secrets in what was asked and answered."""
        kept = await self._store.items(session, _LIST)
        return [_without_secrets(one.written()) if isinstance(one, _Entry) else json.loads(one) for one in kept]


class _Entry(NamedTuple):
    """An entry as it is kept: what is JSON as bytes, small and nothing for the garbage collector to look at."""

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
    """Of the headers that carry secrets."""
    values: tuple[bytes | None, ...]
    """Of these headers."""

    def written(self) -> dict[str, Any]:
        """Return the entry as it is read, secrets and the headers that carry them included."""
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
    """Return a JSON value as bytes; it may be that already."""
    # A copy, since what orjson returns keeps the room it was written in, thousands of bytes more.
    return value if isinstance(value, bytes) else bytes(memoryview(encode(value, repr)))


def _parsed(value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:  # half a surrogate, which only the standard library writes and reads
        return json.loads(value)


def _unknown(model: str) -> str:
    return f"The catalogue does not know the model `{model}`; it is taken as a current one."


def _without_secrets(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without the request's headers, and without the secrets that they carry or that look like one."""
    headers: dict[str, str] = entry.get(_TOLD, {})
    shown = {name: value for name, value in entry.items() if name != _TOLD}
    clean: dict[str, Any] = Scrubber(known=header_secrets(headers.items())).value(shown)
    return {**clean, "session": entry["session"]}
