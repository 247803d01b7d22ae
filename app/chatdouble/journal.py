"""The journal: what was asked and what came of it, refused requests too, per session."""

from typing import Any, Final

from chatdouble.clock import Clock
from chatdouble.exchange import Exchange
from chatdouble.store import Store

_LIST: Final = "journal"


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
        """Write an exchange down. Keys and cookies are not part of an entry."""
        if self._keep:
            await self._store.push(exchange.session, _LIST, self._entry(exchange), self._keep)

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
        }

    async def entries(self, session: str) -> list[dict[str, Any]]:
        """Return a session's entries, oldest first."""
        return await self._store.items(session, _LIST)
