"""Everything that outlives one request: a small store of values, counters and lists per session."""

from collections import defaultdict, deque
from collections.abc import Coroutine, Mapping
from typing import Any, Protocol


class Store(Protocol):
    """What the server remembers, per session; every call is atomic.

    Values are JSON values or bytes, and in a private store whatever does not change.
    """

    @property
    def private(self) -> bool:
        """Whether nobody but this process sees what is kept."""
        ...

    async def get(self, session: str, name: str) -> Any:
        """Return the value under a name, or None."""
        ...

    def enter(self, session: str, name: str) -> Coroutine[Any, Any, Mapping[str, Any]]:
        """Count one more under a name, and return all values of a session by name, the count among them.

        They are as they are now, or as they will be; they are not to be changed.
        """
        ...

    async def put(self, session: str, name: str, value: Any) -> None:
        """Set the value under a name; None removes it."""
        ...

    async def swap(self, session: str, name: str, expected: Any, value: Any) -> bool:
        """Set the value if it still is `expected`; say whether it was."""
        ...

    async def increment(self, session: str, name: str, by: int = 1) -> int:
        """Add to a counter (from 0) and return what it is now."""
        ...

    async def push(self, session: str, name: str, value: Any, keep: int) -> None:
        """Append to a list, which keeps its newest `keep` values."""
        ...

    async def pull(self, session: str, name: str) -> Any:
        """Take the oldest value off a list, or None."""
        ...

    async def items(self, session: str, name: str) -> list[Any]:
        """Return a list, oldest first."""
        ...

    async def names(self, session: str, prefix: str) -> list[str]:
        """Return the names of the values that begin so, in the order they were first put."""
        ...

    async def sessions(self) -> list[str]:
        """Return the sessions that have anything."""
        ...

    async def clear(self, session: str | None) -> None:
        """Forget a session, or all of them."""
        ...


class MemoryStore:
    """The store of one process."""

    private = True

    def __init__(self) -> None:
        self._values: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        self._lists: defaultdict[str, dict[str, deque[Any]]] = defaultdict(dict)

    async def get(self, session: str, name: str) -> Any:
        """Return the value under a name, or None."""
        return self._values[session].get(name)

    async def enter(self, session: str, name: str) -> Mapping[str, Any]:
        """Count one more under a name, and return all values of a session, as they are from now on."""
        values = self._values[session]
        values[name] = values.get(name, 0) + 1
        return values

    async def put(self, session: str, name: str, value: Any) -> None:
        """Set the value under a name; None removes it."""
        self._put(session, name, value)

    def _put(self, session: str, name: str, value: Any) -> None:
        if value is None:
            self._values[session].pop(name, None)
        else:
            self._values[session][name] = value

    async def swap(self, session: str, name: str, expected: Any, value: Any) -> bool:
        """Set the value if it still is `expected`; say whether it was."""
        if self._values[session].get(name) != expected:
            return False
        self._put(session, name, value)
        return True

    async def increment(self, session: str, name: str, by: int = 1) -> int:
        """Add to a counter (from 0) and return what it is now."""
        values = self._values[session]
        values[name] = count = values.get(name, 0) + by
        return int(count)

    async def push(self, session: str, name: str, value: Any, keep: int) -> None:
        """Append to a list, which keeps its newest `keep` values."""
        lists = self._lists[session]
        found = lists.get(name)
        if found is None or found.maxlen != keep:
            lists[name] = found = deque(found or (), maxlen=keep)
        found.append(value)

    async def pull(self, session: str, name: str) -> Any:
        """Take the oldest value off a list, or None."""
        found = self._lists[session].get(name)
        return found.popleft() if found else None

    async def items(self, session: str, name: str) -> list[Any]:
        """Return a list, oldest first."""
        return [*self._lists[session].get(name, ())]

    async def names(self, session: str, prefix: str) -> list[str]:
        """Return the names of the values that begin so, in the order they were first put."""
        return [name for name in self._values[session] if name.startswith(prefix)]

    async def sessions(self) -> list[str]:
        """Return the sessions that have anything."""
        return sorted({s for held in (self._values, self._lists) for s, kept in held.items() if kept})

    async def clear(self, session: str | None) -> None:
        """Forget a session, or all of them."""
        for held in (self._values, self._lists):
            if session is None:
                held.clear()
            else:
                held.pop(session, None)
