"""The fault `disconnect`: the connection closes before the answer is whole."""

from collections.abc import Iterator

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.position import cut_body, cut_stream


class Disconnect(Disturbance):
    """Closes the connection after the first chunk, or where the options say."""

    name = "disconnect"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then the hang-up."""
        return cut_stream(frames, self.spec, [Ending.HANGUP])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return half of the body, or what the options say, then the hang-up."""
        return cut_body(pieces, self.spec, [Ending.HANGUP])
