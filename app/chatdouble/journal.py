"""The journal: what was asked and what came of it, refused requests too, per session."""

import json
from typing import Any, Final

import orjson
from orjson import Fragment

from chatdouble.clock import Clock
from chatdouble.exchange import Exchange
from chatdouble.recording.secrets import Scrubber, known_from, telling
from chatdouble.store import Store
from chatdouble.wire.encoding import encode

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
            kept = self._written(exchange)
            if not self._store.private:
                kept = encode(_without_secrets(json.loads(kept)))
            await self._store.push(exchange.session, _LIST, kept, self._keep)

    def _written(self, exchange: Exchange) -> bytes:
        """Return an entry as JSON: small, as it was for good, and nothing for the garbage collector to look at.

        What came or was sent as JSON is not written again.
        """
        asked, answer = exchange.body, exchange.answer
        entry: dict[str, Any] = {
            "id": exchange.id,
            "ordinal": exchange.ordinal,
            "at": self._clock.now(),
            "milliseconds": round((self._clock.monotonic() - exchange.started) * 1000, 3),
            "session": exchange.session,
            "method": exchange.method,
            "path": exchange.path,
            "request": Fragment(asked) if isinstance(asked, bytes) else asked,
            "status": exchange.status,
            "ended": exchange.ended,
            "response": Fragment(answer) if isinstance(answer, bytes) else answer,
            **exchange.notes,
            _TOLD: {name: exchange.headers[name] for name in telling(exchange.headers.names)},
        }
        if exchange.unknown_model:
            entry["warnings"] = [*entry.get("warnings", ()), _unknown(exchange.unknown_model)]
        try:
            # A copy, since what orjson returns keeps the room it was written in, thousands of bytes more.
            return bytes(memoryview(orjson.dumps(entry, repr)))
        except TypeError:
            return encode({**entry, "request": _parsed(asked), "response": _parsed(answer)}, repr)

    async def entries(self, session: str) -> list[dict[str, Any]]:
        """Return a session's entries, oldest first, without the secrets in what was asked and answered."""
        return [_without_secrets(json.loads(kept)) for kept in await self._store.items(session, _LIST)]


def _parsed(value: Any) -> Any:
    return json.loads(value) if isinstance(value, bytes) else value


def _unknown(model: str) -> str:
    return f"The catalogue does not know the model `{model}`; it is taken as a current one."


def _without_secrets(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without the request's headers, and without the secrets that they carry or that look like one."""
    headers: dict[str, str] = entry.get(_TOLD, {})
    shown = {name: value for name, value in entry.items() if name != _TOLD}
    clean: dict[str, Any] = Scrubber(known=known_from(headers.items())).value(shown)
    return {**clean, "session": entry["session"]}
