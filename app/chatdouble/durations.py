"""Times as the API writes them in headers and messages."""

from functools import lru_cache
from typing import Final

ALMOST: Final = 1e-6
"""What floating point may be off by when it stands for a whole number."""

_SECOND: Final = 1000
_MINUTE: Final = 60_000


def duration(seconds: float) -> str:
    """Write a time as Go does, down to whole milliseconds: `0s`, `12ms`, `8.64s`, `21m36.001s` (wire 5.5)."""
    return _written(int(seconds * _SECOND + ALMOST))


@lru_cache(maxsize=4096)
def _written(milliseconds: int) -> str:
    if milliseconds < _SECOND:
        return f"{milliseconds}ms" if milliseconds else "0s"
    if milliseconds < _MINUTE:
        return f"{milliseconds / _SECOND:g}s"
    minutes, rest = divmod(milliseconds, _MINUTE)
    hours, minutes = divmod(minutes, 60)
    text = f"{minutes}m{rest / _SECOND:g}s"
    return f"{hours}h{text}" if hours else text
