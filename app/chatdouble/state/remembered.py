"""The values that a process wrote last, so that it need not ask for them before it changes them again."""

from collections import OrderedDict
from typing import Final

_MOST: Final = 10_000
_LONGEST: Final = 256
"""The longest value that is remembered, in bytes: a state of rate limits, and no document."""

Key = tuple[str, str]
"""Session and name."""


class Remembered:
    """The newest small values. Another process may have changed them since, so only a swap may use them."""

    def __init__(self) -> None:
        self._held: OrderedDict[Key, bytes] = OrderedDict()

    def get(self, key: Key) -> bytes | None:
        """Return a value; None: it is not known."""
        return self._held.get(key)

    def put(self, key: Key, value: bytes) -> None:
        """Remember a value; an empty one is forgotten."""
        self._held.pop(key, None)
        if 0 < len(value) <= _LONGEST:
            self._held[key] = value
            if len(self._held) > _MOST:
                self._held.popitem(last=False)

    def clear(self) -> None:
        """Forget all values."""
        self._held.clear()
