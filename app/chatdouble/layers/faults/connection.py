"""The fault `disconnect`: the connection closes before the answer is whole."""

from collections.abc import Iterator
from typing import Final

from chatdouble.backend.delivery import Abort, Timed
from chatdouble.layers.faults.base import Disturbance, cut_body, cut_stream


class Disconnect(Disturbance):
    """Closes the connection after the first chunk, or where the options say."""

    name = "disconnect"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then the hang-up."""
        return cut_stream(frames, self.spec, [Abort.HANGUP])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return half of the body, or what the options say, then the hang-up."""
        return cut_body(pieces, self.spec, [Abort.HANGUP])


class Reset(Disturbance):
    """Resets the connection at once."""

    name = "reset"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return nothing but the reset."""
        del frames
        yield 0.0, Abort.RESET

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return nothing but the reset."""
        return self.on_frames(pieces)


class Stall(Disturbance):
    """Sends nothing more after the first chunk, or from where the options say, until the client goes."""

    name = "stall"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then the stall."""
        return cut_stream(frames, self.spec, [Abort.STALL])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return half of the body, or what the options say, then the stall."""
        return cut_body(pieces, self.spec, [Abort.STALL])


BYTES_PER_SECOND: Final = 100.0
PIECES_PER_SECOND: Final = 20


class SlowBody(Disturbance):
    """Sends an answer at so many bytes a second, 100 unless others are given."""

    name = "slow_body"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the bytes in small pieces, each due when the rate allows it."""
        rate = self.spec.bytes_per_second or BYTES_PER_SECOND
        size = max(1, int(rate / PIECES_PER_SECOND))
        free = 0.0
        for due, frame in frames:
            free = max(free, due)
            if isinstance(frame, Abort):
                yield free, frame
                return
            for at in range(0, len(frame), size):
                piece = frame[at : at + size]
                free += len(piece) / rate
                yield free, piece

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body as frames are."""
        return self.on_frames(pieces)


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
