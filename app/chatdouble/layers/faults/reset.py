"""The fault `reset`: the connection is reset before any byte of an answer."""

from collections.abc import Iterator

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance


class Reset(Disturbance):
    """Resets the connection at once."""

    name = "reset"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return nothing but the reset."""
        del frames
        yield 0.0, Ending.RESET

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return nothing but the reset."""
        return self.on_frames(pieces)
