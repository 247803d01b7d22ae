"""Due times of the pieces of an answer."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, repeat
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.backend.api import Codec
from chatdouble.backend.delivery import Abort, Pace, Timed
from chatdouble.streaming.frames import TextBatch
from chatdouble.streaming.slow_frames import Frames

_WRITE: Final = 32 * 1024
"""The most bytes of several pieces in one write."""
_USAGE: Final = b'"choices":[],"usage":{'
"""The part of a frame that only the one with the usage has; in texts, the quotes are escaped."""


class DuePieces:
    """Pieces that exist already, taken together as they become due.

    Args:
        pieces: The pieces and when they are due; without any, there is one empty piece.

    Attributes:
        due: When the next piece is due.
        more: Whether there is a next piece.
    """

    __slots__ = ("_piece", "_pieces", "due", "more")

    def __init__(self, pieces: Iterator[Timed]) -> None:
        self._pieces = pieces
        self.due, self._piece = next(pieces, (0.0, b""))
        self.more = True

    def take(self, now: float) -> bytes | Abort:
        """Return the next piece joined with the following ones that are due, or the abort that is due.

        Args:
            now: The time, at which the next piece is due.
        """
        first = self._piece
        if isinstance(first, Abort):
            return first
        following = next(self._pieces, None)
        if following is None:
            self.more = False
            return first
        self.due, self._piece = following
        if self.due > now:
            return first
        return self._joined(first, now)

    def _joined(self, first: bytes, now: float) -> bytes:
        """Return pieces that are due joined: one that was taken, the next, and those that follow it."""
        taken, size = [first], len(first)
        for due, piece in chain([(self.due, self._piece)], self._pieces):
            if due > now or isinstance(piece, Abort) or (size := size + len(piece)) > _WRITE:
                self.due, self._piece = due, piece
                return b"".join(taken)
            taken.append(piece)
        self.more = False
        return b"".join(taken)


class Schedule:
    """The due times of a pace, one after another.

    Args:
        pace: The pace; None: everything at once.

    Attributes:
        due: The due time returned last, in seconds after the request.
    """

    __slots__ = ("_offsets", "due")

    def __init__(self, pace: Pace | None) -> None:
        self._offsets = pace.offsets() if pace else iter(())
        self.due = 0.0

    def following(self) -> float:
        """Return when the next piece is due, never before the piece before it."""
        self.due = max(self.due, next(self._offsets, self.due))
        return self.due


def timed(frames: Iterable[bytes], call: Call[Any], codec: Codec) -> Iterator[Timed]:
    """Return a stream's frames and when they are due by the pace of a call; without one, at once."""
    pace = call.delivery.pace
    if pace is None:
        return zip(repeat(0.0), frames)
    parts = frames.parts() if isinstance(frames, Frames) else iter(frames)
    return _scheduled(parts, accumulate(pace.offsets(), max), call, codec)


def _scheduled(
    parts: Iterator[bytes | TextBatch], times: Iterator[float], call: Call[Any], codec: Codec
) -> Iterator[Timed]:
    """Yield frames and when they are due; when the times end, and for the last frame, the last time holds."""
    due = 0.0
    for part in parts:
        if isinstance(part, TextBatch):  # chunks of a text: each has its time, and none is near the end
            for frame in part:
                due = next(times, due)
                yield due, frame
            continue
        look_for_end(part, call, codec)
        if codec.is_paced(part) and not codec.is_last(part):
            due = next(times, due)
        yield due, part


def look_for_end(frame: bytes, call: Call[Any], codec: Codec) -> None:
    """Note whether nothing is left but the usage and the last frame."""
    if codec.is_last(frame) or _USAGE in frame:
        call.delivery.at_end = True


async def at_time(time: float, loop: asyncio.AbstractEventLoop) -> None:
    """Wait until a time of the event loop."""
    waiting = loop.create_future()
    timer = loop.call_at(time, _wake, waiting)
    try:
        await waiting
    finally:
        timer.cancel()


def _wake(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)
