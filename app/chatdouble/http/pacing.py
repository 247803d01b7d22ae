"""Due times of the pieces of an answer."""

import asyncio
from collections.abc import Iterable, Iterator
from itertools import accumulate, chain, repeat
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.backend.api import Codec
from chatdouble.backend.delivery import Abort, Pace, Timed

_WRITE: Final = 32 * 1024
"""The most bytes of several pieces in one write."""
_USAGE: Final = b'"choices":[],"usage":{'
"""The part of a frame that only the one with the usage has; in texts, the quotes are escaped."""


Flat = Iterator[float | bytes | Abort]
"""Pieces, each after its due time. A piece is made when it is taken, so that thousands of slow answers hold none."""


class DuePieces:
    """Pieces that exist already, taken together as they become due.

    Args:
        pieces: The pieces and when they are due; without any, there is one empty piece.

    Attributes:
        due: When the next piece is due.
        more: Whether there is a next piece.
    """

    __slots__ = ("_held", "_pieces", "due", "more")

    def __init__(self, pieces: Flat) -> None:
        first: Any = next(pieces, None)
        self._pieces: Any = pieces
        self._held: bytes | Abort | None = b"" if first is None else None
        self.due: float = first or 0.0
        self.more = True

    def take(self, now: float) -> bytes | Abort:
        """Return the next piece joined with the following ones that are due, or the abort that is due.

        Args:
            now: The time, at which the next piece is due.
        """
        first = self._following()
        if self.due > now or not self.more or isinstance(first, Abort):
            return first
        return self._joined(first, now)

    def _following(self) -> bytes | Abort:
        """Return the next piece, and learn when the one after it is due."""
        held, self._held = self._held, None
        piece: bytes | Abort = next(self._pieces) if held is None else held
        due = next(self._pieces, None)
        if due is None:
            self.more = False
        else:
            self.due = due
        return piece

    def _joined(self, first: bytes, now: float) -> bytes:
        """Return a piece joined with those that are due after it, up to the most for one write."""
        taken, size = [first], len(first)
        while self.more and self.due <= now:
            if self._held is None:
                self._held = next(self._pieces)
            piece = self._held
            if isinstance(piece, Abort) or (size := size + len(piece)) > _WRITE:
                break
            taken.append(piece)
            self._following()
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


def flat(pieces: Iterator[Timed]) -> Flat:
    """Return pieces, each after its due time."""
    return chain.from_iterable(pieces)


def paired(pieces: Flat) -> Iterator[Timed]:
    """Return pieces together with their due times."""
    each: Any = pieces
    return zip(each, each, strict=False)


def timed(frames: Iterable[bytes], call: Call[Any], codec: Codec) -> Flat:
    """Yield a stream's frames, each after its due time by the pace of a call; without one, at once.

    When the times end, and for the last frame, the last time holds.
    """
    from chatdouble.streaming.frames import TextBatch  # noqa: PLC0415 - for answers that are sent slowly
    from chatdouble.streaming.slow_frames import Frames  # noqa: PLC0415 - as above

    pace = call.delivery.pace
    if pace is None:
        yield from flat(zip(repeat(0.0), frames))
        return
    due, times = 0.0, accumulate(pace.offsets(), max)
    for part in frames.parts() if isinstance(frames, Frames) else frames:
        if isinstance(part, TextBatch):  # chunks of a text: each has its time, and none is near the end
            for number in range(len(part.pieces)):
                yield (due := next(times, due))
                yield part.frame(number)
            continue
        look_for_end(part, call, codec)
        if codec.is_paced(part) and not codec.is_last(part):
            due = next(times, due)
        yield due
        yield part


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
