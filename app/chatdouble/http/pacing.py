"""Pieces of an answer that are there already, taken together as they become due."""

from collections.abc import Iterator
from typing import Final

from chatdouble.backend.delivery import Abort, Pace, Timed

_WRITE: Final = 32 * 1024
"""The most bytes that several pieces make up together."""


class DuePieces:
    """The pieces, of which the next one is known.

    Args:
        pieces: The pieces and when they are due; none are as good as one without bytes.

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
        """Return the next piece, with those after it that are due by now; or the ending that is due.

        Args:
            now: What time it is; the next piece is due.
        """
        first = self._piece
        if isinstance(first, Abort):
            return first
        taken, size = [first], len(first)
        for due, piece in self._pieces:
            if due > now or isinstance(piece, Abort) or (size := size + len(piece)) > _WRITE:
                self.due, self._piece = due, piece
                return b"".join(taken)
            taken.append(piece)
        self.more = False
        return b"".join(taken)


class Schedule:
    """A pace, asked piece by piece.

    Args:
        pace: The pace; None: everything at once.

    Attributes:
        due: When the piece asked for last is due, in seconds after the request.
    """

    __slots__ = ("_offsets", "due")

    def __init__(self, pace: Pace | None) -> None:
        self._offsets = pace.offsets() if pace else iter(())
        self.due = 0.0

    def following(self) -> float:
        """Return when the next piece is due: never before the one before it."""
        self.due = max(self.due, next(self._offsets, self.due))
        return self.due
