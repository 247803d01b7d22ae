"""Times as the API writes them in headers and messages."""

from typing import Final

ALMOST: Final = 1e-6
"""What floating point may be off by when it stands for a whole number."""

_SECOND: Final = 1000
_MINUTE: Final = 60_000


def duration(seconds: float) -> bytes:
    """Write a time as Go does, down to whole milliseconds: `0s`, `12ms`, `8.64s`, `21m36.001s` (wire 5.5)."""
    milliseconds = int(seconds * _SECOND + ALMOST)
    if milliseconds < _SECOND:
        return b"%dms" % milliseconds if milliseconds else b"0s"
    if milliseconds < _MINUTE:
        return b"%gs" % (milliseconds / _SECOND)
    minutes, rest = divmod(milliseconds, _MINUTE)
    hours, minutes = divmod(minutes, 60)
    text = b"%dm%gs" % (minutes, rest / _SECOND)
    return b"%dh%b" % (hours, text) if hours else text
