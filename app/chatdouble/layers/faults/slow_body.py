"""The fault `slow_body`: the answer drips, a few bytes at a time."""

from collections.abc import Iterator
from typing import Final

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance

BYTES_PER_SECOND: Final = 100.0
PIECES_PER_SECOND: Final = 20


class SlowBody(Disturbance):
    """Sends an answer at so many bytes a second, 100 unless others are given."""

    name = "slow_body"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the bytes in small pieces, each due when the rate allows it."""
        rate = self.spec.bytes_per_second or BYTES_PER_SECOND
        size = max(1, int(rate / PIECES_PER_SECOND))
        free = 0.0
        for due, frame in frames:
            free = max(free, due)
            if isinstance(frame, Ending):
                yield free, frame
                return
            for at in range(0, len(frame), size):
                piece = frame[at : at + size]
                free += len(piece) / rate
                yield free, piece

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body as frames are."""
        return self.on_frames(pieces)
