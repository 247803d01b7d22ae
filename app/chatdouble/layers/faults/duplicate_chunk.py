"""The fault `duplicate_chunk`: something is sent twice."""

from collections.abc import Iterator

from chatdouble.delivery import Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.contents import whole_body
from chatdouble.layers.faults.position import chunks_before


class DuplicateChunk(Disturbance):
    """Sends one chunk twice, the second unless told otherwise, or the whole body twice."""

    name = "duplicate_chunk"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, one of them twice."""
        for count, timed in enumerate(frames):
            yield timed
            if count == chunks_before(self.spec):
                yield timed

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body twice, one after the other."""
        body, *ending = whole_body(pieces)
        yield from (body, body, *ending)
