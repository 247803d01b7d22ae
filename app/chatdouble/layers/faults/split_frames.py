"""The fault `split_frames`: writes that end in the middle of frames, which a correct client does not notice."""

from collections.abc import Iterator
from typing import Final

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance

APART: Final = 0.005
"""Seconds between the two writes of a frame, so that they arrive as two."""


class SplitFrames(Disturbance):
    """Sends each frame, or the body, in two halves a moment apart, cut inside a character if one is there."""

    name = "split_frames"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the halves of the frames."""
        free = 0.0
        for due, frame in frames:
            free = max(free, due)
            if isinstance(frame, Ending):
                yield free, frame
                return
            middle = _inside(frame)
            yield free, frame[:middle]
            free += APART
            yield free, frame[middle:]

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the halves of the body."""
        return self.on_frames(pieces)


def _inside(frame: bytes) -> int:
    """Return a place to cut: within the first character of several bytes, else the middle."""
    return next((at for at, byte in enumerate(frame) if byte & 0xC0 == 0x80), len(frame) // 2)  # noqa: PLR2004 - UTF-8
