"""The writes of an answer that takes time, for the journal."""

from array import array
from typing import Final

_KEPT: Final = 16 * 1024
"""The bytes at the beginning of an answer that are kept as they were written."""


class Writes:
    """When an answer was written, in pieces of which size, and its beginning.

    Attributes:
        times: The time of each write, in seconds since the request came, followed by its bytes.
        beginning: The first bytes of the answer.
    """

    __slots__ = ("beginning", "times")

    def __init__(self) -> None:
        self.times = array("d")
        self.beginning = bytearray()

    def add(self, at: float, body: bytes) -> None:
        """Add a write."""
        self.times.extend((at, len(body)))
        room = _KEPT - len(self.beginning)
        if room > 0:
            self.beginning += body[:room]
