"""The values of a session, and values by their use, within bounds."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from chatdouble.core.releasing import release
from chatdouble.state.store import FREE, NO_PARTS

if TYPE_CHECKING:
    from chatdouble.state.memory_store import Newest

MOST_VALUES: Final = 10_000
"""The values, and the lists, of a session from which those with free names make way."""
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

    Attributes:
        bytes: The bytes of all values.
    """

    def __init__(self, session_bytes: int, all_bytes: int) -> None:
        self._session_bytes = session_bytes
        self._all_bytes = all_bytes
        self._sizes: dict[str, OrderedDict[str, int]] = {}
        self._by_use: OrderedDict[Key, Mapping[str, Any]] = OrderedDict()
        self._bytes_of: dict[str, int] = {}
        self.bytes = 0

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
        self.bytes += size
        if self._bytes_of[session] <= self._session_bytes and self.bytes <= self._all_bytes:
            return ()
        return self._made_way(session)

    def _made_way(self, session: str) -> Iterator[Gone]:
        own = self._sizes[session]
        while self._bytes_of[session] > self._session_bytes and len(own) > 1:
            oldest = next(iter(own))
            yield session, oldest, self.remove(session, oldest)
        while self.bytes > self._all_bytes and len(self._by_use) > 1:
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
        self.bytes -= size
        self._bytes_of[session] -= size
        if not self._sizes[session]:
            del self._sizes[session], self._bytes_of[session]
        return parts

    def forget(self, session: str) -> None:
        """Forget all values of a session."""
        for name in self._sizes.pop(session, ()):
            del self._by_use[session, name]
        self.bytes -= self._bytes_of.pop(session, 0)

    def empty(self) -> None:
        """Forget all values in steps, in which other threads get their turns."""
        while self._by_use:
            self._by_use.popitem()
        while self._sizes:
            self._sizes.popitem()
        self._bytes_of.clear()


class Kept:
    """The values and lists of one session, and the number of values from which those with free names make way."""

    __slots__ = ("lists", "newest", "room", "values")

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.lists: dict[str, deque[Any]] = {}
        self.newest: dict[str, Newest] = {}
        self.room = MOST_VALUES

    def make_room(self) -> None:
        """Drop the older half of what has a free name, if there are too many values."""
        if len(self.values) > self.room:
            halve(self.values)
            self.room = len(self.values) + MOST_VALUES

    def empty(self) -> None:
        """Drop everything in steps, in which other threads get their turns; what is kept may be large."""
        while self.values:
            release([self.values.popitem()[1]])
        for held in self.lists.values():
            drain(held)
        for newest in self.newest.values():
            while newest:
                release([newest.pop()])


def drain(held: deque[Any]) -> None:
    """Empty a list in steps, in which other threads get their turns."""
    while held:
        release([held.popleft()])


def drop(values: dict[str, Any], name: str, parts: Mapping[str, Any]) -> list[Any]:
    """Take out a value and its parts, those excepted that are another value's parts by now; return them."""
    return [values.pop(name, None), *(values.pop(part) for part, held in parts.items() if values.get(part) is held)]


def halve(named: dict[str, Any]) -> None:
    """Drop the older half of what has a free name."""
    free = [name for name in named if name.startswith(FREE)]
    for name in free[: len(free) // 2]:
        del named[name]
