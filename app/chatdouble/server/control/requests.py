"""Control of the journal: list requests, read one whole, wait for some, forget them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import compress
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from typing_extensions import TypedDict

from chatdouble.backend import Services
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.core.in_turns import in_turns
from chatdouble.core.releasing import release
from chatdouble.http.shutdown import Shutdown
from chatdouble.scripts.matching.changes import Changes, changes_in
from chatdouble.scripts.matching.near_misses import missed
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.server.auth import ALL, identity_of
from chatdouble.server.control.reading import read
from chatdouble.server.control.waiting import Asked, Waiting
from chatdouble.server.entry import Detail, Entry, NearMiss
from chatdouble.server.entry_view import EntryView
from chatdouble.server.export import streams
from chatdouble.server.journal import Journal
from chatdouble.server.problems import PoliciesOf, Problems
from chatdouble.server.read_entries import NewestEntries, by_arrival
from chatdouble.server.retries import attempts
from chatdouble.server.selection import AwaitedSelection, Selection, Test, asked_for
from chatdouble.server.summaries import Summary, SummaryPage, summary
from chatdouble.state.session import Session

if TYPE_CHECKING:
    from chatdouble.server.export.format_name import FormatName
    from chatdouble.server.export.formats import Export

_JOURNALS: Final = 3
"""The journals that are read between the turns of others: each may take some milliseconds."""

NearMisses = Callable[[RequestView, str | None, Changes], list[dict[str, Any]]]
"""Returns the rules that nearly matched a request, the nearest first, given the one that answered and the changes."""

S = TypeVar("S", bound=Selection)


class Page(TypedDict):
    """A part of a session's journal.

    Attributes:
        object: `list`.
        data: The entries, oldest first, those in flight last.
        count: The number of entries that are selected, on all pages.
        has_more: Whether there are more after these.
    """

    object: str
    data: list[Entry]
    count: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class Requests:
    """Reads the journals of sessions: `await control.requests("sk-test")` lists one.

    The operations take a session's name or the key that its client uses; `*` is every session.

    Attributes:
        services: The sessions.
        journal: The journal.
        shutdown: Ends waits when the server stops.
        catalogue: The models.
        policies: Returns the policies of the verdict on sessions.
        near_misses: Returns the rules that nearly matched a request; None: the backend has no rules.
        backend: The name of the backend.
    """

    services: Services
    journal: Journal
    shutdown: Shutdown
    catalogue: Catalogue
    policies: PoliciesOf
    near_misses: NearMisses | None = None
    backend: str = ""

    async def __call__(self, session: str, given: object = None) -> list[Entry]:
        """Return a session's journal, oldest first; the journals of all sessions are merged by time.

        Args:
            session: The session.
            given: A selection, such as `{"status": 400, "when": {"user": "Hello"}}`; None: every request.

        Raises:
            APIError: 400: it is not a selection.
        """
        spec = _read(Selection, given)
        async with self.reading(session) as entries:
            test = await self._test(spec, entries)
            return await asyncio.to_thread(lambda: [*filter(test, entries)])

    async def page(self, session: str, given: object, limit: int | None = None, after: str | None = None) -> Page:
        """Return a part of a session's journal.

        Args:
            session: The session.
            given: The selection.
            limit: The most entries to return; None: all.
            after: The id of the entry after which to begin.

        Raises:
            APIError: 400: it is not a selection. 404: there is no entry of the id.
        """
        spec = _read(Selection, given)
        async with self.reading(session) as entries:
            test = await self._test(spec, entries)
            start = 0 if after is None else 1 + _position(entries, after)
            # In a thread, as others want answers meanwhile.
            return await asyncio.to_thread(_page, entries, test, start, limit)

    async def one(self, session: str, entry_id: str) -> Detail:
        """Return one entry whole.

        Raises:
            APIError: 404: there is no entry of this id.
        """
        async with self.reading(session) as entries:
            return await self._detail(entries, entries[_position(entries, entry_id)])

    async def _detail(self, entries: Sequence[Entry], entry: Entry) -> Detail:
        """Return an entry whole, given it and all others."""
        chunks = await self.journal.chunks(identity_of(entry["session"]), entry["id"])
        chunks = chunks or await asyncio.to_thread(streams.chunks, entry, self.services, self.catalogue)
        own = [one for one in entries if one["session"] == entry["session"]]
        found = (await self._problems.among(own))(entry)
        tried = await asyncio.to_thread(attempts, own, entry)
        detail: Detail = {**entry, "chunks": chunks, "attempts": tried, "verdict": [*found]}
        if "near_misses" not in entry and entry["ended"] != "refused":
            changes = await changes_in(self._session(entry), self.services.sessions)
            near = await asyncio.to_thread(self._near, entry, changes)
            detail["near_misses"] = cast("list[NearMiss]", near)
        return detail

    def _near(self, entry: Entry, changes: Changes) -> list[dict[str, Any]]:
        """Return the rules that nearly answered a request, the nearest first."""
        view, rule = EntryView(entry), entry.get("rule")
        if self.near_misses is None:
            return missed(changes.rules(None), view, rule)
        return self.near_misses(view, rule, changes)

    async def summaries(self, session: str, given: object, newest: int | None = None) -> SummaryPage:
        """Return a session's requests in short.

        Args:
            session: The session.
            given: The selection.
            newest: The most requests to return, the newest ones; None: all.

        Raises:
            APIError: 400: it is not a selection.
        """
        spec = _read(Selection, given)
        if newest is not None and not given:
            return await self._summarised(spec, await self.journal.newest(await self._names(session), newest), None)
        async with self.reading(session) as entries:
            return await self._summarised(spec, NewestEntries(entries, len(entries), are_short=False), newest)

    async def _summarised(self, spec: Selection, found: NewestEntries, newest: int | None) -> SummaryPage:
        """Return the entries that are selected in short, the newest of them; None: all."""
        kinds = await self._problems.among(found.entries, are_short=found.are_short)
        test = spec.test(kinds)

        def summarised() -> list[Summary]:
            return [summary(entry, kinds(entry), self.backend) for entry in found.entries if test(entry)]

        rows = summarised() if found.are_short else await asyncio.to_thread(summarised)
        return {"object": "list", "data": rows if newest is None else rows[-newest:], "kept": found.total}

    async def wait(self, session: str, given: object) -> Page:
        """Wait until enough requests are selected, those in flight included; return them.

        Args:
            session: The session.
            given: A selection with `count` and `timeout`.

        Raises:
            APIError: 400: it is not a wait, or the server keeps no journal. 408: too few came in time.
        """
        spec = await asyncio.to_thread(_read, AwaitedSelection, given)
        if not self.journal.is_kept:
            raise APIError("There is no journal to wait for: the server has --journal-size 0.", code="no_journal")
        waiting, asked = Waiting(spec.count), await self._asked(session, spec, given)
        with self.journal.readers.waits.entered(asked, waiting, self.journal.listening, self.services.workers) as count:
            count_journal = partial(count, partial(self.reading, session))
            await count_journal()
            self.shutdown.stall(waiting)
            try:
                elsewhere = count_journal if self.services.sessions.others.may_be else None
                await waiting.until(spec.timeout, elsewhere)
            finally:
                self.shutdown.leave(waiting)
        if waiting.error is not None:
            raise waiting.error
        if len(waiting.found) < spec.count:
            raise APIError(
                f"{len(waiting.found)} of {spec.count} requests came within {spec.timeout:g} seconds.",
                status=408,
                code="wait_timed_out",
            )
        async with self.reading(session, {*map(identity_of, waiting.found.values())}) as entries:
            data = [entry for entry in entries if entry["id"] in waiting.found]
            return {"object": "list", "data": data, "count": len(data), "has_more": False}

    async def _asked(self, session: str, spec: AwaitedSelection, given: object) -> Asked:
        """Return the requests that a wait is for."""
        name, key = None if session == ALL else identity_of(session), await asyncio.to_thread(asked_for, given)
        if spec.problem is None:
            return Asked(name, key, await asyncio.to_thread(spec.test, lambda _: ()))
        kinds = await self._problems.alone(await self._names(session))
        return Asked(name, object(), await asyncio.to_thread(spec.test, kinds))  # policies may change

    async def export(self, session: str, given: object, name: "FormatName") -> "Export":
        """Return a session's journal in a format.

        Args:
            session: The session.
            given: The selection.
            name: The format.

        Raises:
            APIError: 400: it is not a selection.
        """
        from chatdouble.server.export.formats import export  # noqa: PLC0415 - YAML and more that others do not need

        return export(await self(session, given), name, self.services, self.catalogue)

    async def clear(self, session: str) -> None:
        """Forget the requests of a session that have ended; everything else stays."""
        async for name in in_turns(await self._names(session)):
            await self.services.sessions.named(name).clear_journal()

    async def _test(self, spec: Selection, entries: Sequence[Entry]) -> Test:
        return spec.test(await self._problems.among(entries) if spec.problem is not None else lambda _: ())

    @property
    def _problems(self) -> Problems:
        return Problems(self.catalogue, self.services.clock, self.policies)

    def _session(self, entry: Entry) -> Session:
        return self.services.sessions.named(identity_of(entry["session"]))

    async def _names(self, session: str) -> Sequence[str]:
        return await self.services.sessions.names() if session == ALL else [identity_of(session)]

    @asynccontextmanager
    async def reading(self, session: str, among: Collection[str] | None = None) -> AsyncGenerator[list[Entry]]:
        """Read entries for as long as a `with` lasts; those that nobody keeps are freed in a thread.

        Long journals are read one after the other: each takes its own memory, and there may be a thousand readers.

        Args:
            session: The session.
            among: The only sessions to read, if it is all of them; None: every one.
        """
        names = await self._names(session) if among is None else among
        async with self.journal.readers.of_long() if await self.journal.is_long(names) else nullcontext():
            entries = [entry async for name in in_turns(names, _JOURNALS) for entry in await self.journal.entries(name)]
            if session == ALL:
                entries = await asyncio.to_thread(by_arrival, entries)
            try:
                yield entries
            finally:
                await asyncio.to_thread(release, entries)


def _page(entries: list[Entry], test: Test, start: int, limit: int | None) -> Page:
    selected = [*map(test, entries)]
    rest = [*compress(entries[start:], selected[start:])]
    data = rest if limit is None else rest[:limit]
    return {"object": "list", "data": data, "count": sum(selected), "has_more": len(data) < len(rest)}


def _read(model: type[S], given: object) -> S:
    return read(model, {} if given is None else given, code="invalid_selection")


def _position(entries: Sequence[Entry], entry_id: str) -> int:
    for position, entry in enumerate(entries):
        if entry["id"] == entry_id:
            return position
    raise APIError(
        f"No request with id {entry_id!r} in the journal, which keeps the newest ones.",
        status=404,
        param="id",
        code="request_not_found",
    )
