"""The store of one process: a session's values, counters and lists in its memory."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from chatdouble.core.in_turns import in_order, in_turns
from chatdouble.core.releasing import release
from chatdouble.state.bounds import Bounds
from chatdouble.state.retained import MOST_VALUES, Gone, Kept, Retained, drain, drop, halve
from chatdouble.state.round_trips import RoundTrips
from chatdouble.state.store import NO_PARTS

_BOUNDS: Final = Bounds()
_LARGE: Final = 4 * 1024 * 1024
"""The bytes of values that are freed in a few milliseconds."""
_NOTHING: Final = Kept()


class Newest:
    """The newest values of a list.

    Attributes:
        size: The bytes of all values, as those who appended them counted.
    """

    __slots__ = ("_sizes", "_values", "size")

    def __init__(self) -> None:
        self._values: deque[Any] = deque()
        self._sizes: deque[int] = deque()
        self.size = 0

    def append(self, value: Any, size: int, most: int, limit: int) -> int:
        """Append a value of some bytes, and return how many of the oldest were dropped for it.

        The list keeps `most` values, and `limit` bytes; the newest value stays whatever its size.
        """
        self._values.append(value)
        self._sizes.append(size)
        self.size += size
        dropped = 0
        while len(self._values) > most or (self.size > limit and len(self._values) > 1):
            self.pop()
            dropped += 1
        return dropped

    def pop(self) -> Any:
        """Take the oldest value."""
        self.size -= self._sizes.popleft()
        return self._values.popleft()

    def clear(self) -> None:
        """Drop all values."""
        self._values.clear()
        self._sizes.clear()
        self.size = 0

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Any]:
        return iter(tuple(self._values))  # a copy, as another thread may append


class MemoryStore:
    """A store in this process's memory.

    Args:
        bounds: Its bounds.
    """

    private = True

    def __init__(self, bounds: Bounds = _BOUNDS) -> None:
        self._bounds = bounds
        self.dropped: dict[str, int] = {"sessions": 0, "entries": 0, "stored": 0}
        self.round_trips = RoundTrips()
        self._start()

    def _start(self) -> None:
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._by_use: OrderedDict[tuple[str, str], Newest] = OrderedDict()
        self._bytes = 0
        self._retained = Retained(self._bounds.stored_bytes, self._bounds.all_stored_bytes)

    def _of(self, session: str) -> Kept:
        """Return what is kept of a session, which is used now; another one makes way for it if there are too many."""
        kept = self._kept.get(session)
        if kept is not None:
            self._kept.move_to_end(session)
            return kept
        if len(self._kept) >= self._bounds.sessions:
            # What holds for all sessions stays.
            self._forget(next(name for name in self._kept if not name.startswith("\0")))
            self.dropped["sessions"] += 1
        self._kept[session] = kept = Kept()
        return kept

    def _forget(self, session: str) -> Kept:
        kept = self._kept.pop(session, _NOTHING)
        self._retained.forget(session)
        for name, newest in kept.newest.items():
            self._bytes -= newest.size
            self._by_use.pop((session, name), None)
        return kept

    async def ready(self) -> str | None:
        """Return None: memory can always be used."""
        return None

    async def aclose(self) -> None:
        """Do nothing: memory holds nothing open."""

    async def enter(self, session: str, counter: str, value: str) -> tuple[int, Any]:
        """Add one to a counter and read a value in one round trip; return the count and the value, or None."""
        kept = self._kept.get(session)
        if kept is None:
            kept = self._of(session)
        else:
            self._kept.move_to_end(session)
        values = kept.values
        values[counter] = count = values.get(counter, 0) + 1
        return count, values.get(value)

    async def get(self, session: str, name: str) -> Any:
        """Return the value under a name, or None."""
        return self._kept.get(session, _NOTHING).values.get(name)

    async def put(self, session: str, name: str, value: Any) -> None:
        """Set the value under a name; None removes it."""
        if value is not None:
            kept = self._of(session)
            kept.values[name] = value
            kept.make_room()
        elif session in self._kept:
            self._kept[session].values.pop(name, None)
            self._retained.remove(session, name)

    async def retain(self, session: str, name: str, value: Any, size: int, parts: Mapping[str, Any] = NO_PARTS) -> None:
        """Set the value of some bytes under a name, and its parts; others make way for it. None removes all of it."""
        before = self._retained.bytes
        if value is None:
            taken = drop(self._kept.get(session, _NOTHING).values, name, self._retained.remove(session, name))
        else:
            values = self._of(session).values
            taken = [values.get(name)]
            values.update(parts)
            values[name] = value
            taken += self._taken(self._retained.add(session, name, size, parts))
        if before + size - self._retained.bytes > _LARGE:
            await asyncio.to_thread(release, taken)

    def _taken(self, made_way: Iterable[Gone]) -> list[list[Any]]:
        """Take out the values that made way; return each with its parts."""
        taken = [drop(self._kept[session].values, name, parts) for session, name, parts in made_way]
        self.dropped["stored"] += len(taken)
        return taken

    async def recall(self, session: str, name: str) -> Any:
        """Return a retained value, which is used now; None: there is none, or it made way."""
        self._retained.use(session, name)
        return self._kept.get(session, _NOTHING).values.get(name)

    async def swap(self, session: str, name: str, expected: Any, value: Any) -> bool:
        """Set the value if it still is `expected`; return whether it was."""
        kept = self._kept.get(session, _NOTHING)
        if kept.values.get(name) != expected:
            return False
        if value is not None:
            (self._of(session) if kept is _NOTHING else kept).values[name] = value
        elif kept is not _NOTHING:
            kept.values.pop(name, None)
        return True

    async def update(self, session: str, name: str, change: Callable[[Any], Any]) -> Any:
        """Set the value to what a function makes of it, and return that; if the function raises, nothing is set."""
        kept = self._kept.get(session, _NOTHING)
        value = change(kept.values.get(name))
        if kept is _NOTHING:
            kept = self._of(session)
        kept.values[name] = value
        if len(kept.values) > kept.room:  # which hardly any has
            kept.make_room()
        return value

    async def increment(self, session: str, name: str, by: int = 1) -> int:
        """Add to a counter, which starts at 0, and return the new count."""
        kept = self._of(session)
        kept.values[name] = count = kept.values.get(name, 0) + by
        kept.make_room()
        return int(count)

    async def rotate(self, session: str, name: str, value: Any, most: int) -> Any:
        """Put a value in the place of the one that came `most` values before it; return that one, or None."""
        values = self._of(session).values
        values[name] = count = values.get(name, 0) + 1
        place = f"{name}:{count % most}"
        oldest = values.get(place)
        values[place] = value
        return oldest

    async def push(self, session: str, name: str, value: Any, keep: int) -> None:
        """Append to a list, which keeps its newest `keep` values."""
        lists = self._of(session).lists
        found = lists.get(name)
        if found is None or found.maxlen != keep:
            lists[name] = found = deque(found or (), maxlen=keep)
            if len(lists) > MOST_VALUES:
                halve(lists)
        found.append(value)

    async def remove(self, session: str, name: str, value: Any) -> bool:
        """Take the oldest value that equals this one off a list; return whether there was one."""
        try:
            self._kept.get(session, _NOTHING).lists.get(name, deque()).remove(value)
        except ValueError:
            return False
        return True

    async def drop(self, session: str, name: str) -> None:
        """Drop a list."""
        kept = self._kept.get(session, _NOTHING)
        if held := kept.lists.pop(name, None):
            await asyncio.to_thread(drain, held)
        newest = kept.newest.pop(name, None)
        if newest is not None:
            self._bytes -= newest.size
            self._by_use.pop((session, name), None)

    async def keep(self, session: str, name: str, value: Any, size: int, most: int) -> None:
        """Append to a list that keeps its newest `most` values, within the store's bounds."""
        # A request that ends had entered its session, which has been used.
        lists = (self._kept.get(session) or self._of(session)).newest
        newest = lists.get(name)
        if newest is None:
            lists[name] = self._by_use[session, name] = newest = Newest()
        else:
            self._by_use.move_to_end((session, name))
        before = newest.size
        self.dropped["entries"] += newest.append(value, size, most, self._bounds.list_bytes)
        self._bytes += newest.size - before
        if self._bytes > self._bounds.all_bytes:
            self._make_room(newest)

    def _make_room(self, for_: Newest) -> None:
        """Drop entries of the lists that were used longest ago."""
        while self._bytes > self._bounds.all_bytes:
            key, oldest = next(iter(self._by_use.items()))
            if not oldest:
                del self._by_use[key]
                self._kept[key[0]].newest.pop(key[1])
                continue
            if oldest is for_ and len(oldest) == 1:
                return
            before = oldest.size
            oldest.pop()
            self._bytes += oldest.size - before
            self.dropped["entries"] += 1

    async def items(self, session: str, name: str) -> list[Any]:
        """Return a list, oldest first."""
        kept = self._kept.get(session, _NOTHING)
        return [*kept.lists.get(name, kept.newest.get(name, ()))]

    async def names(self, session: str, prefix: str) -> list[str]:
        """Return the names of the values that begin with a prefix, in the order they were first put."""
        return [name for name in self._kept.get(session, _NOTHING).values if name.startswith(prefix)]

    async def sessions(self) -> list[str]:
        """Return the sessions that have anything, sorted."""
        # A copy, as another thread may write. The keys of an ordered dictionary would take ten times as long.
        held = tuple(dict[str, Kept].keys(self._kept))
        has = [name async for name in in_turns(held) if self._has_anything(name)]
        return await asyncio.to_thread(lambda: [*in_order(has, str)])

    def _has_anything(self, session: str) -> bool:
        kept = self._kept.get(session, _NOTHING)
        return bool(kept.values or any(kept.lists.values()) or kept.newest)

    async def clear(self, session: str | None) -> None:
        """Forget a session, or all of them."""
        if session is not None:
            await asyncio.to_thread(self._forget(session).empty)
            return
        # There may be very many, so they are not looked at before nobody else sees them.
        gone = self._kept, self._by_use, self._retained
        self._start()
        await asyncio.to_thread(_empty, *gone)


def _empty(kept: OrderedDict[str, Kept], by_use: OrderedDict[tuple[str, str], Newest], retained: Retained) -> None:
    """Drop everything of all sessions in steps, in which other threads get their turns."""
    while kept:
        kept.popitem()[1].empty()
    while by_use:
        by_use.popitem()
    retained.empty()
