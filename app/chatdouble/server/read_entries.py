"""Entries of journals as they are read: without secrets, and each in its conversation."""

import asyncio
import gc
import json
from collections.abc import Iterable, Sequence
from functools import cached_property
from heapq import nlargest
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from weakref import WeakKeyDictionary

from chatdouble.backend import Call
from chatdouble.core.in_turns import in_order
from chatdouble.server.conversations import Conversations
from chatdouble.server.entry import Entry, WrittenChunk
from chatdouble.server.kept_entry import KeptEntry

if TYPE_CHECKING:
    from chatdouble.server.control.waiting import Waits

CHUNKS: Final = "chunks"
"""The key of the chunks in entries of a store that others see, too."""
_LARGE: Final = 4 * 1024 * 1024
"""The bytes of an entry that may have a million values."""


class Turns:
    """Turns of work that only one may do at a time, in each event loop: a test may use a server from its own."""

    def __init__(self) -> None:
        self._locks: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    def __call__(self) -> asyncio.Lock:
        """Return the lock that the one holds whose turn it is."""
        return self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())


class Readers:
    """Those who read journals.

    Attributes:
        of_long: The turns of those who read long ones.
    """

    def __init__(self) -> None:
        self.of_long = Turns()

    @cached_property
    def waits(self) -> "Waits":
        """The waits for requests."""
        from chatdouble.server.control.waiting import Waits  # noqa: PLC0415 - few servers have any

        return Waits()


class NewestEntries(NamedTuple):
    """The newest entries of sessions.

    Attributes:
        entries: The entries; those of several sessions in the order of their arrival.
        total: The number of all entries, those in flight included.
        are_short: Whether all work with them takes some milliseconds.
    """

    entries: list[Entry]
    total: int
    are_short: bool


def entries_of(
    kept: Iterable[Any], running: Iterable[Any], conversations: Conversations, *, are_all: bool = True
) -> list[Entry]:
    """Return entries as they are read, those in flight last, each with its place in its conversation."""
    entries = [*map(_shown, kept)]
    ended = {entry["id"] for entry in entries}
    entries += [entry for entry in map(_shown, running) if entry["id"] not in ended]
    conversations.place(entries, are_all=are_all)
    return entries


def chunks_of(kept: Iterable[Any], entry_id: str) -> list[WrittenChunk]:
    """Return the chunks of an entry's answer; none if it is not there."""
    for one in kept:
        if isinstance(one, KeptEntry):
            if one.id == entry_id:
                return one.chunks()
        elif (written := json.loads(one))["id"] == entry_id:
            found: list[WrittenChunk] = written[CHUNKS]
            return found
    return []


class Tail(NamedTuple):
    """The newest entries of a session."""

    kept: list[Any]
    running: Sequence[Any]
    conversations: Conversations


def newest_of(tails: list[Tail], most: int, *, are_all: bool) -> list[Entry]:
    """Return the newest entries of all tails by their ends, and those in flight; those of several tails by arrival.

    The list of tails is empty then: there may be very many, which are freed in steps.
    """
    count = len(tails)
    for tail in tails:
        # In place: no collection would come while as many are freed as are made, and the next one would look at all.
        tail.kept[:] = map(_readable, tail.kept)
    ends = [_end(one) for tail in tails for one in tail.kept]
    first = nlargest(most, ends)[-1] if len(ends) > most else 0.0
    entries: list[Entry] = []
    while tails:
        kept, running, conversations = tails.pop()
        newest = [one for one in kept if _end(one) >= first]
        if newest or running:
            entries += entries_of(newest, running, conversations, are_all=are_all)
    return entries if count == 1 else by_arrival(entries)


def by_arrival(entries: Sequence[Entry]) -> list[Entry]:
    """Return entries in the order of their arrival; meant for a thread."""
    return [*in_order(entries, lambda entry: entry["at"])]


def _end(one: "KeptEntry | Entry") -> float:
    return one.at + one.seconds if isinstance(one, KeptEntry) else one["at"] + one["milliseconds"] / 1000


def _shown(one: Any) -> Entry:
    """Return an entry without the secrets in it; those that are not kept here never had any."""
    readable = _readable(one)
    if not isinstance(readable, KeptEntry):
        return readable
    shown = readable.shown()
    if readable.size > _LARGE:
        # It grows old at once: a collection looks at every value of young ones, and would look at several such entries
        # in one step.
        gc.collect(1)
    return shown


def _readable(one: Any) -> "KeptEntry | Entry":
    """Return an entry whose times can be read, as it is written in a store that others see, too."""
    readable: KeptEntry | Entry = _read(one) if isinstance(one, bytes) else one
    return readable


def _read(written: bytes) -> Entry:
    """Return an entry of a store that others see, too."""
    found = json.loads(written)
    del found[CHUNKS]
    entry: Entry = found
    return entry


async def recorded(calls: Iterable[Call[Any]], session: str) -> None:
    """Wait for calls of a session that have been answered, but whose recordings are still written."""
    held = [one.recording for one in calls if one.session.name == session and one.recording is not None]
    # Those of this loop: in process, a test may read a journal in another, where waiting would never end.
    if under_way := [task for task in held if not task.done() and task.get_loop() is asyncio.get_running_loop()]:
        await asyncio.wait(under_way)
        await asyncio.sleep(0)  # so that they are written down
