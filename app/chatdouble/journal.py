"""The journal: what was asked and what came of it, refused requests too, per session."""

import json
from typing import Any, Final

from chatdouble.clock import Clock
from chatdouble.exchange import Exchange
from chatdouble.recording.secrets import Scrubber, known_from
from chatdouble.store import Store
from chatdouble.wire.encoding import encode

_LIST: Final = "journal"
_HEADERS: Final = "headers"


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
            entry = self._entry(exchange)
            # To look for secrets takes longer than to answer, so what nobody else can see waits until it is read.
            kept = entry if self._store.private else _without_secrets(entry)
            # As JSON an entry is small, stays as it was, and is nothing for the garbage collector to look at.
            await self._store.push(exchange.session, _LIST, encode(kept, repr), self._keep)

    def _entry(self, exchange: Exchange) -> dict[str, Any]:
        return {
            "id": exchange.id,
            "ordinal": exchange.ordinal,
            "at": self._clock.now(),
            "milliseconds": round((self._clock.monotonic() - exchange.started) * 1000, 3),
            "session": exchange.session,
            "method": exchange.method,
            "path": exchange.path,
            "request": exchange.body,
            "status": exchange.status,
            "ended": exchange.ended,
            "response": exchange.answer,
            **exchange.notes,
            **_warnings(exchange),
            _HEADERS: exchange.headers,
        }

    async def entries(self, session: str) -> list[dict[str, Any]]:
        """Return a session's entries, oldest first, without the secrets in what was asked and answered."""
        return [_without_secrets(json.loads(kept)) for kept in await self._store.items(session, _LIST)]


def _warnings(exchange: Exchange) -> dict[str, list[str]]:
    """Return what there is to warn of: what validation let pass, and a model that the catalogue does not know."""
    warnings: list[str] = list(exchange.notes.get("warnings", ()))
    if exchange.unknown_model:
        warnings.append(
            f"The catalogue does not know the model `{exchange.unknown_model}`; it is taken as a current one."
        )
    return {"warnings": warnings} if warnings else {}


def _without_secrets(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without the request's headers, and without the secrets that they name or that look like one."""
    headers: dict[str, str] = entry.get(_HEADERS, {})
    shown = {name: value for name, value in entry.items() if name != _HEADERS}
    clean: dict[str, Any] = Scrubber(known=known_from(headers.items())).value(shown)
    return {**clean, "session": entry["session"]}
