"""A list that keeps its newest values, within a number of them and a number of bytes."""

from collections import deque
from collections.abc import Iterator
from typing import Any


class Newest:
    """The newest values of a list.

    Attributes:
        size: The bytes of all values, as those who appended them counted.
    """

    __slots__ = ("_held", "size")

    def __init__(self) -> None:
        self._held: deque[tuple[Any, int]] = deque()
        self.size = 0

    def append(self, value: Any, size: int, most: int, limit: int) -> int:
        """Append a value; return how many of the oldest were dropped for it.

        Args:
            value: The value.
            size: Its bytes.
            most: The most values to keep.
            limit: The most bytes to keep; the newest value stays whatever its size.
        """
        self._held.append((value, size))
        self.size += size
        dropped = 0
        while len(self._held) > most or (self.size > limit and len(self._held) > 1):
            self.pop()
            dropped += 1
        return dropped

    def pop(self) -> Any:
        """Take the oldest value."""
        value, size = self._held.popleft()
        self.size -= size
        return value

    def clear(self) -> None:
        """Drop all values."""
        self._held.clear()
        self.size = 0

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Any]:
        return iter([value for value, _ in tuple(self._held)])  # a copy, as another thread may append
