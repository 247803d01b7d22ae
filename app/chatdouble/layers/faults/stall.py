"""The fault `stall`: the answer stops and the connection stays open."""

from collections.abc import Iterator

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.position import cut_body, cut_stream


class Stall(Disturbance):
    """Sends nothing more after the first chunk, or from where the options say, until the client goes."""

    name = "stall"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then the stall."""
        return cut_stream(frames, self.spec, [Ending.STALL])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return half of the body, or what the options say, then the stall."""
        return cut_body(pieces, self.spec, [Ending.STALL])
