"""The store that a server keeps its sessions in, and its place among the processes that share it."""

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final, cast

from chatdouble.backend import Services
from chatdouble.core.errors import APIError
from chatdouble.recordings.redaction import Scrubber
from chatdouble.server.journal import Journal
from chatdouble.server.metric_families import Snapshot
from chatdouble.settings import Settings, SettingsError
from chatdouble.state.bounds import Bounds
from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.store import Store

if TYPE_CHECKING:
    from chatdouble.server.events_everywhere import EventsEverywhere
    from chatdouble.state.redis_bus import RedisBus

SCHEMES: Final = ("redis", "rediss", "unix", "redis+sentinel", "redis+cluster")
"""The schemes of URLs that name a Redis."""

_log: Final = logging.getLogger("chatdouble")


def store_of(settings: Settings) -> Store:
    """Return the store that the settings name; nothing is connected yet.

    Raises:
        SettingsError: There is no such store.
    """
    url = settings.state
    if url == "memory://":
        journal = settings.journal_bytes, settings.journal_bytes_in_all
        return MemoryStore(Bounds(settings.max_sessions, *journal, settings.stored_bytes, settings.stored_bytes_in_all))
    scheme = url.partition("://")[0]
    if scheme not in SCHEMES:
        known = ", ".join(f"{one}://" for one in SCHEMES)
        raise SettingsError(f"state: {scheme!r} is no kind of store; give memory:// or one of {known}")
    try:
        from chatdouble.state.redis_store import RedisStore  # noqa: PLC0415 - an extra that most servers do without
    except ModuleNotFoundError as missing:
        raise SettingsError("state: a Redis needs its client; pip install 'chatdouble[redis]'") from missing
    try:
        bounds = Bounds(settings.max_sessions, settings.journal_bytes)
        return RedisStore(url, settings.session_ttl, bounds, Scrubber().value)
    except ValueError as wrong:
        raise SettingsError(f"state: {wrong}") from None


class Replica:
    """This process among those that share its store; alone if the store is private.

    Args:
        services: The sessions with their store, and the gates of this process.
        journal: The journal, which knows the requests that this process answers now.
        events: Returns the events of its requests.

    Attributes:
        worker: The number of this process among the workers of one server; None: it is the only one.
        server: What the workers of one server have in common.
        counts: Returns what this process has counted, for the metrics of its server.
    """

    def __init__(self, services: Services, journal: Journal, events: "Callable[[], EventsEverywhere]") -> None:
        self._store = services.sessions.store
        self._services = services
        self._journal = journal
        self._events = events
        self._bus: RedisBus | None = None
        self.worker: int | None = None
        self.server = ""
        self.counts: Callable[[], Snapshot] = dict

    async def open(self) -> None:
        """Begin to answer the others, in the event loop that serves; log why the store cannot be used, if so."""
        if self._store.private:
            return
        from chatdouble.state.redis_bus import RedisBus  # noqa: PLC0415 - as above
        from chatdouble.state.redis_store import RedisStore  # noqa: PLC0415 - as above

        if isinstance(self._store, RedisStore):
            answerers: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
                "gate": self._gate,
                "in flight": self._in_flight,
                "rules": self._rules,
                "counts": self._counts,
                **self._events().answerers(),
            }
            self._bus = self._services.sessions.others = RedisBus(self._store, answerers, self._listening)
            await self._bus.start()
        reason = await self._store.ready()
        if reason is not None:
            _log.error("%s Requests are refused until that changes.", reason)

    async def close(self) -> None:
        """Leave the others, and let go of the store."""
        if self._bus is not None:
            await self._bus.stop()
        await self._store.aclose()

    async def _listening(self) -> None:
        """Learn what may have changed while nobody listened."""
        sessions = self._services.sessions
        sessions.has_rules = sessions.has_rules or await sessions.everyone.document("rules") is not None

    async def _gate(self, body: dict[str, Any]) -> dict[str, Any]:
        from chatdouble.state.gate_steps import Step, perform  # noqa: PLC0415 - for several workers

        return {**perform(self._services.gates, cast("Step", body))}

    async def _in_flight(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"entries": self._journal.in_flight_here(body["session"])}

    @property
    def unwritten(self) -> int:
        """The number of journal entries that wait for the store to come back."""
        return self._journal.unwritten

    async def counts_of_workers(self) -> list[tuple[int | None, Snapshot]]:
        """Return what each worker of this server has counted; of one that does not answer, nothing."""
        found: list[tuple[int | None, Snapshot]] = [(self.worker, self.counts())]
        if self.worker is not None:
            try:
                answers = await self._services.sessions.others.ask("counts", {"server": self.server})
            except APIError:  # the store is away, and the metrics are needed most
                answers = []
            found += [(one["worker"], one["counts"]) for one in answers if one]
        return found

    async def _counts(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"worker": self.worker, "counts": self.counts()} if body["server"] == self.server else {}

    async def _rules(self, _body: dict[str, Any]) -> dict[str, Any]:
        self._services.sessions.has_rules = True
        return {}
