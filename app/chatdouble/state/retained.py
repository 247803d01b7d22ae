"""The sizes of the values that a store retains, and the ones that make way for others."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final

_SMALL_PARTS: Final = 400
"""The bytes of a value beside its JSON."""

Key = tuple[str, str]
"""A session and the name of a value."""


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
        self._by_use: OrderedDict[Key, None] = OrderedDict()
        self._bytes_of: dict[str, int] = {}
        self._bytes = 0

    def add(self, session: str, name: str, size: int) -> Iterable[Key]:
        """Note a value; return those that make way for it. The newest stays whatever its size."""
        self.remove(session, name)
        size += _SMALL_PARTS
        sizes = self._sizes.get(session)
        if sizes is None:
            self._sizes[session] = sizes = OrderedDict[str, int]()
        sizes[name] = size
        self._by_use[session, name] = None
        self._bytes_of[session] = self._bytes_of.get(session, 0) + size
        self._bytes += size
        if self._bytes_of[session] <= self._session_bytes and self._bytes <= self._all_bytes:
            return ()
        return self._made_way(session)

    def _made_way(self, session: str) -> Iterator[Key]:
        own = self._sizes[session]
        while self._bytes_of[session] > self._session_bytes and len(own) > 1:
            oldest = next(iter(own))
            self.remove(session, oldest)
            yield session, oldest
        while self._bytes > self._all_bytes and len(self._by_use) > 1:
            key = next(iter(self._by_use))
            self.remove(*key)
            yield key

    def use(self, session: str, name: str) -> None:
        """Note that a value is used."""
        if (session, name) in self._by_use:
            self._by_use.move_to_end((session, name))
            self._sizes[session].move_to_end(name)

    def remove(self, session: str, name: str) -> None:
        """Forget a value."""
        if (session, name) not in self._by_use:
            return
        del self._by_use[session, name]
        size = self._sizes[session].pop(name)
        self._bytes -= size
        self._bytes_of[session] -= size
        if not self._sizes[session]:
            del self._sizes[session], self._bytes_of[session]

    def forget(self, session: str) -> None:
        """Forget all values of a session."""
        for name in self._sizes.pop(session, ()):
            del self._by_use[session, name]
        self._bytes -= self._bytes_of.pop(session, 0)
