"""The fault `broken_frame`: a line break in the middle of an event's data."""

from collections.abc import Iterator

from chatdouble.delivery import Ending, Timed
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.contents import whole_body
from chatdouble.layers.faults.position import changed_at


class BrokenFrame(Disturbance):
    """Breaks one frame's line in two, the second frame's unless told otherwise; the rest of it is no field."""

    name = "broken_frame"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, one with a line break inside its JSON."""
        return changed_at(frames, self.spec, _broken)

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body with line breaks inside its strings, which JSON does not allow."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Ending) else body.replace(b'": "', b'": "\n')


def _broken(frame: bytes) -> bytes:
    middle = len(frame) // 2
    return frame[:middle] + b"\n" + frame[middle:]
