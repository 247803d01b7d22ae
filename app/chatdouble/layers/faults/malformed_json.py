"""The fault `malformed_json`: JSON that breaks off, in an answer that is otherwise in order."""

from collections.abc import Iterator

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.contents import whole_body
from chatdouble.layers.faults.position import changed_at


class MalformedJson(Disturbance):
    """Cuts the JSON of one chunk, the second unless told otherwise, or of a whole answer in half."""

    name = "malformed_json"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, one with half its JSON; it is still a frame."""
        return changed_at(frames, self.spec, lambda frame: frame[: len(frame) // 2] + b"\n\n")

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return half of the body as if it were whole."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Ending) else body[: len(body) // 2]
