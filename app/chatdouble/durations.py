"""Times as the API writes them in headers and messages."""

from functools import lru_cache
from typing import Final

ALMOST: Final = 1e-6
"""What floating point may be off by when it stands for a whole number."""


def duration(seconds: float) -> str:
    """Write a time as Go does, down to whole milliseconds: `0s`, `12ms`, `8.64s`, `21m36.001s` (wire 5.5)."""
    return _written(int(seconds * 1000 + ALMOST))


@lru_cache(maxsize=4096)
def _written(milliseconds: int) -> str:
    if milliseconds < 1000:  # noqa: PLR2004 - milliseconds in a second
        return f"{milliseconds}ms" if milliseconds else "0s"
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{rest // 1000}.{rest % 1000:03}".rstrip("0").rstrip(".") + "s"
    if hours:
        return f"{hours}h{minutes}m{text}"
    return f"{minutes}m{text}" if minutes else text
