"""The fault `empty_body`: a head with status 200, and nothing after it."""

from collections.abc import Iterator

from chatdouble.delivery import Timed
from chatdouble.layers.faults.base import Disturbance


class EmptyBody(Disturbance):
    """Sends a response without a body."""

    name = "empty_body"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return one piece without bytes, due when the answer would have begun."""
        due, _ = next(frames, (0.0, b""))
        yield due, b""

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return one piece without bytes, due when the body would have been."""
        return self.on_frames(pieces)
