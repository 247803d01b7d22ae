"""Stores for tests of what is kept: one that is a network away, and one that remembers what was read."""

import asyncio
from typing import Any, cast

from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.store import Store


class _Slow:
    """A store whose every answer lets others go first."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)

        async def later(*arguments: Any, **named: Any) -> Any:
            await asyncio.sleep(0)
            found = await method(*arguments, **named)
            await asyncio.sleep(0)
            return found

        return later


def far_away() -> Store:
    """Return an empty store that is a network away."""
    return cast("Store", _Slow(MemoryStore()))


class Watched(MemoryStore):
    """A store that remembers the names of what was read, in order.

    Attributes:
        read: The names; of a listing, its prefix.
    """

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    async def enter(self, session: str, counter: str, value: str) -> tuple[int, Any]:
        """Remember the counter and the value."""
        self.read += [counter, value]
        return await super().enter(session, counter, value)

    async def get(self, session: str, name: str) -> Any:
        """Remember the value."""
        self.read.append(name)
        return await super().get(session, name)

    async def items(self, session: str, name: str) -> list[Any]:
        """Remember the list."""
        self.read.append(name)
        return await super().items(session, name)

    async def names(self, session: str, prefix: str) -> list[str]:
        """Remember the prefix."""
        self.read.append(prefix)
        return await super().names(session, prefix)
