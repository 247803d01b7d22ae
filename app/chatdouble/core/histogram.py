"""A histogram: how many values lie below each of some bounds, and their total."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final


class Histogram:
    """Counts values by the first bound that they do not exceed.

    Args:
        bounds: The bounds, ascending; larger values are counted behind the last.

    Attributes:
        counts: The numbers of values, one for each bound and one for what is beyond all.
        total: The total of all values.
    """

    __slots__ = ("_bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.total += value


ANSWER_SECONDS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    120.0,
)
"""Bounds for the time that an answer takes, in seconds."""

DELAY_SECONDS: Final = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Bounds for delays that should not be, in seconds."""
