"""What a store keeps within bounds: values by their use, and the newest of a list."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from chatdouble.state.store import FREE, NO_PARTS

_SMALL_PARTS: Final = 400
"""The bytes of a value beside its JSON."""

Key = tuple[str, str]
"""A session and the name of a value."""
Gone = tuple[str, str, Mapping[str, Any]]
"""A session, the name of a value that made way, and its parts."""


class Retained:
    """The sizes of values by their use; those used longest ago make way.

    Args:
        session_bytes: The most bytes of one session.
        all_bytes: The most bytes of all sessions together.
    """

    def __init__(self, session_bytes: int, all_bytes: int) -> None:
        self._session_bytes = session_bytes
        self._all_bytes = all_bytes
        self._sizes: dict[str, OrderedDict[str, int]] = {}
        self._by_use: OrderedDict[Key, Mapping[str, Any]] = OrderedDict()
        self._bytes_of: dict[str, int] = {}
        self._bytes = 0

    def add(self, session: str, name: str, size: int, parts: Mapping[str, Any] = NO_PARTS) -> Iterable[Gone]:
        """Note a value; return those that make way for it. The newest stays whatever its size.

        Args:
            session: The session.
            name: The name of the value.
            size: Its bytes.
            parts: Its parts by their names; if there are none, those that it had stay.
        """
        if (session, name) in self._by_use:
            parts = parts or self._by_use[session, name]
            self.remove(session, name)
        size += _SMALL_PARTS
        sizes = self._sizes.get(session)
        if sizes is None:
            self._sizes[session] = sizes = OrderedDict[str, int]()
        sizes[name] = size
        self._by_use[session, name] = parts
        self._bytes_of[session] = self._bytes_of.get(session, 0) + size
        self._bytes += size
        if self._bytes_of[session] <= self._session_bytes and self._bytes <= self._all_bytes:
            return ()
        return self._made_way(session)

    def _made_way(self, session: str) -> Iterator[Gone]:
        own = self._sizes[session]
        while self._bytes_of[session] > self._session_bytes and len(own) > 1:
            oldest = next(iter(own))
            yield session, oldest, self.remove(session, oldest)
        while self._bytes > self._all_bytes and len(self._by_use) > 1:
            its_session, oldest = next(iter(self._by_use))
            yield its_session, oldest, self.remove(its_session, oldest)

    def use(self, session: str, name: str) -> None:
        """Note that a value is used."""
        if (session, name) in self._by_use:
            self._by_use.move_to_end((session, name))
            self._sizes[session].move_to_end(name)

    def remove(self, session: str, name: str) -> Mapping[str, Any]:
        """Forget a value; return its parts."""
        parts = self._by_use.pop((session, name), None)
        if parts is None:
            return NO_PARTS
        size = self._sizes[session].pop(name)
        self._bytes -= size
        self._bytes_of[session] -= size
        if not self._sizes[session]:
            del self._sizes[session], self._bytes_of[session]
        return parts

    def forget(self, session: str) -> None:
        """Forget all values of a session."""
        for name in self._sizes.pop(session, ()):
            del self._by_use[session, name]
        self._bytes -= self._bytes_of.pop(session, 0)

    def empty(self) -> None:
        """Forget all values in steps, in which other threads get their turns."""
        while self._by_use:
            self._by_use.popitem()
        while self._sizes:
            self._sizes.popitem()
        self._bytes_of.clear()


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


def drop(values: dict[str, Any], name: str, parts: Mapping[str, Any]) -> None:
    """Drop a value and its parts, those excepted that are another value's parts by now."""
    values.pop(name, None)
    for part, held in parts.items():
        if values.get(part) is held:
            del values[part]


def halve(named: dict[str, Any]) -> None:
    """Drop the older half of what has a free name."""
    free = [name for name in named if name.startswith(FREE)]
    for name in free[: len(free) // 2]:
        del named[name]
