"""When each piece of an answer is due, one after another."""

from chatdouble.delivery import Pace


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
