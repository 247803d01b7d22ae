"""The store: values, counters and lists that outlive a request, by session and name."""

from collections import defaultdict, deque
from collections.abc import Coroutine
from typing import Any, Protocol


class Store(Protocol):
    """Values, counters and lists of every session; every call is atomic.

    Values are JSON values or bytes. A private store also takes any other immutable value.
    """

    @property
    def private(self) -> bool:
        """True if only this process uses the store."""
        ...

    def enter(self, session: str, counter: str, value: str) -> Coroutine[Any, Any, tuple[int, Any]]:
        """Add one to a counter and read a value in one round trip; return the count and the value, or None."""
        ...

    def get(self, session: str, name: str) -> Coroutine[Any, Any, Any]:
        """Return the value under a name, or None."""
        ...

    def peek(self, session: str, name: str) -> Coroutine[Any, Any, Any]:
        """Return the value, or one that it had before: for a swap, which fails if it has changed."""
        ...

    async def put(self, session: str, name: str, value: Any) -> None:
        """Set the value under a name; None removes it."""
        ...

    def swap(self, session: str, name: str, expected: Any, value: Any) -> Coroutine[Any, Any, bool]:
        """Set the value if it still is `expected`; return whether it was."""
        ...

    async def increment(self, session: str, name: str, by: int = 1) -> int:
        """Add to a counter, which starts at 0, and return the new count."""
        ...

    def push(self, session: str, name: str, value: Any, keep: int) -> Coroutine[Any, Any, None]:
        """Append to a list, which keeps its newest `keep` values."""
        ...

    async def remove(self, session: str, name: str, value: Any) -> bool:
        """Take the oldest value that equals this one off a list; return whether there was one."""
        ...

    async def items(self, session: str, name: str) -> list[Any]:
        """Return a list, oldest first."""
        ...

    async def names(self, session: str, prefix: str) -> list[str]:
        """Return the names of the values that begin with a prefix, in the order they were first put."""
        ...

    async def sessions(self) -> list[str]:
        """Return the sessions that have anything, sorted."""
        ...

    async def clear(self, session: str | None) -> None:
        """Forget a session, or all of them."""
        ...

    async def ready(self) -> str | None:
        """Return in a sentence why the store cannot be used now; None: it can."""
        ...

    async def aclose(self) -> None:
        """Let go of what the store holds open."""
        ...


class MemoryStore:
    """A store in this process's memory."""

    private = True

    def __init__(self) -> None:
        self._values: defaultdict[str, dict[str, Any]] = defaultdict(dict)
        self._lists: defaultdict[str, dict[str, deque[Any]]] = defaultdict(dict)

    async def ready(self) -> str | None:
        """Return None: memory can always be used."""
        return None

    async def aclose(self) -> None:
        """Do nothing: memory holds nothing open."""

    async def peek(self, session: str, name: str) -> Any:
        """Return the value under a name, or None."""
        return await self.get(session, name)

    async def enter(self, session: str, counter: str, value: str) -> tuple[int, Any]:
        """Add one to a counter and return the count with a value, or None."""
        values = self._values[session]
        values[counter] = count = values.get(counter, 0) + 1
        return count, values.get(value)

    async def get(self, session: str, name: str) -> Any:
        """Return the value under a name, or None."""
        return self._values[session].get(name)

    async def put(self, session: str, name: str, value: Any) -> None:
        """Set the value under a name; None removes it."""
        if value is None:
            self._values[session].pop(name, None)
        else:
            self._values[session][name] = value

    async def swap(self, session: str, name: str, expected: Any, value: Any) -> bool:
        """Set the value if it still is `expected`; return whether it was."""
        if self._values[session].get(name) != expected:
            return False
        if value is None:
            self._values[session].pop(name, None)
        else:
            self._values[session][name] = value
        return True

    async def increment(self, session: str, name: str, by: int = 1) -> int:
        """Add to a counter, which starts at 0, and return the new count."""
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

    async def remove(self, session: str, name: str, value: Any) -> bool:
        """Take the oldest value that equals this one off a list; return whether there was one."""
        try:
            self._lists[session].get(name, deque()).remove(value)
        except ValueError:
            return False
        return True

    async def items(self, session: str, name: str) -> list[Any]:
        """Return a list, oldest first."""
        return [*self._lists[session].get(name, ())]

    async def names(self, session: str, prefix: str) -> list[str]:
        """Return the names of the values that begin with a prefix, in the order they were first put."""
        return [name for name in self._values[session] if name.startswith(prefix)]

    async def sessions(self) -> list[str]:
        """Return the sessions that have anything, sorted."""
        return sorted({s for held in (self._values, self._lists) for s, kept in held.items() if kept})

    async def clear(self, session: str | None) -> None:
        """Forget a session, or all of them."""
        for held in (self._values, self._lists):
            if session is None:
                held.clear()
            else:
                held.pop(session, None)
