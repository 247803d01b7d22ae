"""Faults of the connection: cut, stalled, slow or empty responses."""

from collections.abc import Iterator
from typing import Final

from chatdouble.backend.delivery import Abort, Timed
from chatdouble.layers.faults.base import Disturbance, cut_body, cut_stream
from chatdouble.scripts.format.faults import CutFault, PlainFault, SlowBodyFault


class Disconnect(Disturbance[CutFault]):
    """Closes the connection before the answer is complete."""

    name = "disconnect"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then close."""
        return cut_stream(frames, self.options, [Abort.HANGUP])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body up to the position, then close."""
        return cut_body(pieces, self.options, [Abort.HANGUP])


class Reset(Disturbance[PlainFault]):
    """Resets the connection before the first byte."""

    name = "reset"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Yield only the reset."""
        del frames
        yield 0.0, Abort.RESET

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return only the reset."""
        return self.on_frames(pieces)


class Stall(Disturbance[CutFault]):
    """Stops sending, and keeps the connection open until the client leaves."""

    name = "stall"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then stall."""
        return cut_stream(frames, self.options, [Abort.STALL])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body up to the position, then stall."""
        return cut_body(pieces, self.options, [Abort.STALL])


PIECES_PER_SECOND: Final = 20


class SlowBody(Disturbance[SlowBodyFault]):
    """Sends an answer at a rate in bytes per second."""

    name = "slow_body"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the bytes in small pieces, each due when the rate allows it."""
        rate = self.options.bytes_per_second
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
        """Return the body in small pieces, as a stream."""
        return self.on_frames(pieces)


class EmptyBody(Disturbance[PlainFault]):
    """Sends a response with an empty body."""

    name = "empty_body"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Yield one empty piece, due when the answer would have begun."""
        due, _ = next(frames, (0.0, b""))
        yield due, b""

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return one empty piece, due when the body would have been."""
        return self.on_frames(pieces)
