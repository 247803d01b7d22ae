"""The writes of an answer that takes time, for the journal."""

import zlib
from array import array
from typing import Final

_KEPT: Final = 16 * 1024
"""The bytes at the beginning of an answer that are kept as they were written."""
_BLOCK: Final = 4 * 1024
"""The bytes that are packed together. Frames resemble each other, so a tenth of them is left."""
_FASTEST: Final = 1
_WINDOW: Final = 12
"""The window bits of a block: 4 KB, for which zlib needs less memory."""


class Writes:
    """When an answer was written, in pieces of which size, and its beginning.

    Attributes:
        times: The time of each write, in seconds since the request came, followed by its bytes.
        packed: The first bytes of the answer, packed, because thousands of slow answers may be under way; see
            `unpacked`.
        rest: The bytes after those, up to the end of what is kept.
    """

    __slots__ = ("_room", "packed", "rest", "times")

    def __init__(self) -> None:
        self.times = array("d")
        self.packed = b""
        self.rest = bytearray()
        self._room = _KEPT

    def add(self, at: float, body: bytes) -> None:
        """Add a write."""
        self.times.extend((at, len(body)))
        if self._room > 0:
            kept = body[: self._room]
            self._room -= len(kept)
            self.rest += kept
            if len(self.rest) >= _BLOCK:
                self.packed += zlib.compress(self.rest, _FASTEST, _WINDOW)
                self.rest.clear()


def unpacked(packed: bytes) -> bytes:
    """Return the bytes that were packed, in one block or several."""
    found = b""
    while packed:
        block = zlib.decompressobj()
        found += block.decompress(packed)
        packed = block.unused_data
    return found
