"""The fault `merged_frames`: several frames in one write, which a correct client does not notice."""

from collections.abc import Iterator
from typing import Final

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance

TOGETHER: Final = 3


class MergedFrames(Disturbance):
    """Holds frames back and sends three at a time, as proxies that buffer do; a whole answer is one piece anyway."""

    name = "merged_frames"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames three in a piece, due with the last of them."""
        held, count, due = b"", 0, 0.0
        for due, frame in frames:
            if isinstance(frame, Ending):
                yield from ((due, held), (due, frame))
                return
            held, count = held + frame, count + 1
            if count == TOGETHER:
                yield due, held
                held, count = b"", 0
        if held:
            yield due, held
