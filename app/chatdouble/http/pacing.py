"""Due times of the pieces of an answer."""

from collections.abc import Iterator
from typing import Final

from chatdouble.backend.delivery import Abort, Pace, Timed

_WRITE: Final = 32 * 1024
"""The most bytes of several pieces in one write."""


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
        taken, size = [first], len(first)
        for due, piece in self._pieces:
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
