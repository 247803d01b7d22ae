"""The store: values, counters and lists that outlive a request, by session and name."""

from collections.abc import Callable, Coroutine, Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

from chatdouble.state.round_trips import RoundTrips

NO_PARTS: Final[Mapping[str, Any]] = MappingProxyType({})
"""The parts of a retained value that has none."""
FREE: Final = "~"
"""The beginning of names that clients choose: a private store keeps some thousands of these in a session."""


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

    async def put(self, session: str, name: str, value: Any) -> None:
        """Set the value under a name; None removes it."""
        ...

    def retain(
        self, session: str, name: str, value: Any, size: int, parts: Mapping[str, Any] = NO_PARTS
    ) -> Coroutine[Any, Any, None]:
        """Set the value of some bytes under a name; others make way for it. None removes it.

        Args:
            session: The session.
            name: The name of the value.
            value: The value.
            size: Its bytes, those of its parts included.
            parts: Values that are set by their names beside it, and go with it, unless a newer value has them.
        """
        ...

    def recall(self, session: str, name: str) -> Coroutine[Any, Any, Any]:
        """Return a retained value, which is used now; None: there is none, or it made way."""
        ...

    def swap(self, session: str, name: str, expected: Any, value: Any) -> Coroutine[Any, Any, bool]:
        """Set the value if it still is `expected`; return whether it was."""
        ...

    def update(self, session: str, name: str, change: Callable[[Any], Any]) -> Coroutine[Any, Any, Any]:
        """Set the value to what a function makes of it, and return that; if the function raises, nothing is set.

        Args:
            session: The session.
            name: The name of the value.
            change: Returns the new value, given the present one or None. It may be called several times.
        """
        ...

    async def increment(self, session: str, name: str, by: int = 1) -> int:
        """Add to a counter, which starts at 0, and return the new count."""
        ...

    def rotate(self, session: str, name: str, value: Any, most: int) -> Coroutine[Any, Any, Any]:
        """Put a value in the place of the one that came `most` values before it; return that one, or None.

        Args:
            session: The session.
            name: The name of the values' counter; their places have names of their own.
            value: The value.
            most: The values that are kept.
        """
        ...

    def push(self, session: str, name: str, value: Any, keep: int) -> Coroutine[Any, Any, None]:
        """Append to a list, which keeps its newest `keep` values."""
        ...

    async def remove(self, session: str, name: str, value: Any) -> bool:
        """Take the oldest value that equals this one off a list; return whether there was one."""
        ...

    async def drop(self, session: str, name: str) -> None:
        """Drop a list."""
        ...

    def keep(self, session: str, name: str, value: Any, size: int, most: int) -> Coroutine[Any, Any, None]:
        """Append to a list that keeps its newest `most` values, within the store's bounds.

        Args:
            session: The session.
            name: The name of the list.
            value: The value.
            size: Its bytes.
            most: The most values of the list.
        """
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

    @property
    def dropped(self) -> Mapping[str, int]:
        """The numbers of `sessions`, `entries` of kept lists and values `stored` that the bounds have dropped."""
        ...

    @property
    def round_trips(self) -> RoundTrips:
        """The round trips to it; a private store needs none."""
        ...
