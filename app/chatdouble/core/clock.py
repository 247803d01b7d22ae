"""The only source of time, and durations as the API writes them."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, NamedTuple


class Clock(NamedTuple):
    """The time for clients, and a steady one for measuring.

    Attributes:
        now: Returns the Unix time in seconds, for `created` and every other time that a client reads.
        monotonic: Returns the seconds of a clock that is never set, for measuring and for rate limits.
    """

    now: Callable[[], float]
    monotonic: Callable[[], float]

    def ahead(self, seconds: float) -> "Clock":
        """Return a clock whose `now` is `seconds` later; its `monotonic` is the same."""
        now = self.now
        return Clock(lambda: now() + seconds, self.monotonic)


def real() -> Clock:
    """Return the machine's clock."""
    return Clock(time.time, time.monotonic)


def fixed(at: float) -> Clock:
    """Return a clock that is stopped at the Unix time `at`."""
    return Clock(lambda: at, lambda: 0.0)


ALMOST: Final = 1e-6
"""The rounding error to expect of a float that stands for a whole number."""


def named(given: str) -> Clock:
    """Return the clock that a setting names.

    Args:
        given: `real`, or `fixed:TIME` with TIME in seconds since 1970 or ISO 8601, UTC where it names no zone.

    Raises:
        ValueError: It is no clock.
    """
    if given == "real":
        return real()
    try:
        at = _seconds(given.removeprefix("fixed:"))
        datetime.fromtimestamp(at, UTC)  # exports and verdicts write dates
        return fixed(at)
    except (ValueError, OverflowError, OSError):
        raise ValueError(
            f"clock: {given!r} is not a clock; give real, fixed:1750000000 or fixed:2026-01-02T03:04:05Z"
        ) from None


def _seconds(at: str) -> float:
    try:
        return float(at)
    except ValueError:
        read = datetime.fromisoformat(at)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
