"""Paces and faults for tests of answering."""

from collections.abc import Iterator
from itertools import count

from chatdouble.backend.delivery import Abort, Fault, Head, Timed


class Paced:
    """A pace with one offset after another, a quarter of a second apart and without end."""

    def offsets(self) -> Iterator[float]:
        """Return the offsets."""
        return (number / 4 for number in count(1))


class Recorded:
    """A pace of only two offsets, the second before the first."""

    def offsets(self) -> Iterator[float]:
        """Return the offsets."""
        return iter((1.0, 0.5))


class CutAfterTwo(Fault):
    """Hangs up after two pieces."""

    name = "cut after two"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Cut the stream."""
        for at, piece in enumerate(frames):
            if at == 2:
                yield piece[0], Abort.HANGUP
                return
            yield piece


class CutAfterASecond(Fault):
    """Hangs up before what is due later than a second."""

    name = "cut after a second"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Cut the stream."""
        for due, piece in frames:
            if due > 1:
                yield due, Abort.HANGUP
                return
            yield due, piece


class Shouting(Fault):
    """Sends everything in capitals, as plain text."""

    name = "shouting"

    def on_head(self, head: Head) -> Head:
        """Change the content type."""
        return head.replacing(b"content-type", b"text/plain")

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Raise the voice."""
        for due, piece in pieces:
            yield due, piece.upper() if isinstance(piece, bytes) else piece

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Raise the voice."""
        return self.on_body(frames)
