"""Faults of framing: broken, repeated, reordered, merged or split server-sent events."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.backend.delivery import Abort, Timed
from chatdouble.layers.faults.base import Disturbance, changed_at, changed_body, is_done, whole_body
from chatdouble.scripts.format.faults import ChunkFault, PlainFault


class BrokenFrame(Disturbance[ChunkFault]):
    """Breaks one frame's data line in two."""

    name = "broken_frame"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames, one with a line break inside its JSON."""
        return changed_at(frames, self.options.after_chunks, _broken)

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the body with line breaks inside its strings, which JSON does not allow."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else body.replace(b'": "', b'": "\n')


def _broken(frame: bytes) -> bytes:
    middle = len(frame.rstrip(b"\r\n")) // 2
    return frame[:middle] + (b"\r\n" if b"\r\n" in frame else b"\n") + frame[middle:]


class DuplicateChunk(Disturbance[ChunkFault]):
    """Sends one chunk, or the whole body, twice."""

    name = "duplicate_chunk"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the frames, one of them twice."""
        for count, timed in enumerate(frames):
            yield timed
            if count == self.options.after_chunks:
                yield timed

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the body twice."""
        body, *abort = whole_body(pieces)
        yield from (body, body, *abort)


FRAMES_TOGETHER: Final = 3


class MergedFrames(Disturbance[PlainFault]):
    """Sends three frames at a time, as buffering proxies do; a whole answer is one piece already."""

    name = "merged_frames"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the frames three in a piece, due when the last of them is."""
        held, count, due = b"", 0, 0.0
        for due, frame in frames:
            if isinstance(frame, Abort):
                yield from ((due, held), (due, frame))
                return
            held, count = held + frame, count + 1
            if count == FRAMES_TOGETHER:
                yield due, held
                held, count = b"", 0
        if held:
            yield due, held


class MissingDone(Disturbance[PlainFault]):
    """Omits the `[DONE]` of a stream, or the last brace of a whole answer."""

    name = "missing_done"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames without `[DONE]`."""
        return (timed for timed in frames if not is_done(timed[1]))

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the body without its last brace."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else body.rstrip().removesuffix(b"}")


class OutOfOrderChunks(Disturbance[ChunkFault]):
    """Swaps one chunk with the next, or reverses the choices of a whole answer."""

    name = "out_of_order_chunks"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the frames, two of them swapped; the times stay in order."""
        for count, (due, frame) in enumerate(frames):
            following = next(frames, None) if count == self.options.after_chunks else None
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


SECONDS_APART: Final = 0.005
"""The time between the two writes of a frame, so that they arrive separately."""


class SplitFrames(Disturbance[PlainFault]):
    """Sends each frame, or the body, in two writes; the cut is inside a multi-byte character if there is one."""

    name = "split_frames"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the halves of the frames."""
        free = 0.0
        for due, frame in frames:
            free = max(free, due)
            if isinstance(frame, Abort):
                yield free, frame
                return
            middle = _split_position(frame)
            yield free, frame[:middle]
            free += SECONDS_APART
            yield free, frame[middle:]

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the halves of the body."""
        return self.on_frames(pieces)


def _split_position(frame: bytes) -> int:
    """Return a position inside the first multi-byte character, else the middle."""
    return next((at for at, byte in enumerate(frame) if byte & 0xC0 == 0x80), len(frame) // 2)  # noqa: PLR2004 - UTF-8
