"""The only source of time."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as the server tells it.

    Attributes:
        now: Seconds since 1970, for `created` and everything a client reads.
        monotonic: Seconds of a steady clock, for measuring and for rate limits.
    """

    now: Callable[[], float]
    monotonic: Callable[[], float]

    def ahead(self, seconds: float) -> "Clock":
        """Return a clock that is so many seconds ahead of this one; what it measures is the same."""
        now = self.now
        return Clock(lambda: now() + seconds, self.monotonic)


def real() -> Clock:
    """Return the machine's clock."""
    return Clock(time.time, time.monotonic)


def fixed(at: float) -> Clock:
    """Return a clock that stands still at `at`, in seconds since 1970."""
    return Clock(lambda: at, lambda: 0.0)
