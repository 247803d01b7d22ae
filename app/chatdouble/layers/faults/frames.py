"""The fault `broken_frame`: a line break in the middle of an event's data."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.backend.delivery import Abort, Timed
from chatdouble.layers.faults.base import Disturbance, changed_at, changed_body, chunks_before, is_done, whole_body


class BrokenFrame(Disturbance):
    """Breaks one frame's line in two, the second frame's unless told otherwise; the rest of it is no field."""

    name = "broken_frame"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, one with a line break inside its JSON."""
        return changed_at(frames, self.spec, _broken)

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body with line breaks inside its strings, which JSON does not allow."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else body.replace(b'": "', b'": "\n')


def _broken(frame: bytes) -> bytes:
    middle = len(frame) // 2
    return frame[:middle] + b"\n" + frame[middle:]


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


TOGETHER: Final = 3


class MergedFrames(Disturbance):
    """Holds frames back and sends three at a time, as proxies that buffer do; a whole answer is one piece anyway."""

    name = "merged_frames"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames three in a piece, due with the last of them."""
        held, count, due = b"", 0, 0.0
        for due, frame in frames:
            if isinstance(frame, Abort):
                yield from ((due, held), (due, frame))
                return
            held, count = held + frame, count + 1
            if count == TOGETHER:
                yield due, held
                held, count = b"", 0
        if held:
            yield due, held


class MissingDone(Disturbance):
    """Leaves out a stream's `[DONE]`, or the brace that closes a whole answer."""

    name = "missing_done"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames without `[DONE]`."""
        return (timed for timed in frames if not is_done(timed[1]))

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body without its last brace."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else body.rstrip().removesuffix(b"}")


class OutOfOrderChunks(Disturbance):
    """Swaps one chunk, the second unless told otherwise, with the next; of a whole answer, the order of its choices."""

    name = "out_of_order_chunks"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, two of them swapped, each due when its place is."""
        for count, (due, frame) in enumerate(frames):
            following = next(frames, None) if count == chunks_before(self.spec) else None
            if following is None:
                yield due, frame
            else:
                yield due, following[1]
                yield following[0], frame

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the body with its choices in reverse order."""
        return changed_body(pieces, _reverse)


def _reverse(completion: dict[str, Any]) -> None:
    choices = completion.get("choices")
    if isinstance(choices, list):
        choices.reverse()


APART: Final = 0.005
"""Seconds between the two writes of a frame, so that they arrive as two."""


class SplitFrames(Disturbance):
    """Sends each frame, or the body, in two halves a moment apart, cut inside a character if one is there."""

    name = "split_frames"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the halves of the frames."""
        free = 0.0
        for due, frame in frames:
            free = max(free, due)
            if isinstance(frame, Abort):
                yield free, frame
                return
            middle = _inside(frame)
            yield free, frame[:middle]
            free += APART
            yield free, frame[middle:]

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the halves of the body."""
        return self.on_frames(pieces)


def _inside(frame: bytes) -> int:
    """Return a place to cut: within the first character of several bytes, else the middle."""
    return next((at for at, byte in enumerate(frame) if byte & 0xC0 == 0x80), len(frame) // 2)  # noqa: PLR2004 - UTF-8
