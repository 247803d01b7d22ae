"""The fault `missing_done`: an answer that ends in order, but too early."""

from collections.abc import Iterator

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.contents import whole_body
from chatdouble.wire.frames import DONE


class MissingDone(Disturbance):
    """Leaves out a stream's `[DONE]`, or the brace that closes a whole answer."""

    name = "missing_done"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames without `[DONE]`."""
        return (timed for timed in frames if timed[1] != DONE)

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body without its last brace."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Ending) else body.rstrip().removesuffix(b"}")
