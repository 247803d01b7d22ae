"""The only source of time."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final


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


ALMOST: Final = 1e-6
"""What floating point may be off by when it stands for a whole number."""

_SECOND: Final = 1000
_MINUTE: Final = 60_000


def duration(seconds: float) -> bytes:
    """Write a time as Go does, down to whole milliseconds: `0s`, `12ms`, `8.64s`, `21m36.001s` (limits#headers)."""
    milliseconds = int(seconds * _SECOND + ALMOST)
    if milliseconds < _SECOND:
        return b"%dms" % milliseconds if milliseconds else b"0s"
    if milliseconds < _MINUTE:
        return b"%gs" % (milliseconds / _SECOND)
    minutes, rest = divmod(milliseconds, _MINUTE)
    hours, minutes = divmod(minutes, 60)
    text = b"%dm%gs" % (minutes, rest / _SECOND)
    return b"%dh%b" % (hours, text) if hours else text
