"""The bounds of a store."""

from typing import NamedTuple

_MEBIBYTE = 1024 * 1024


class Bounds(NamedTuple):
    """The bounds of a store; what was used longest ago is dropped first.

    Attributes:
        sessions: The most sessions.
        list_bytes: The most bytes that a session's kept list has.
        all_bytes: The most bytes that all kept lists have together.
        stored_bytes: The most bytes that a session's retained values have.
        all_stored_bytes: The most bytes that all retained values have together.
    """

    sessions: int = 10_000
    list_bytes: int = 64 * _MEBIBYTE
    all_bytes: int = 256 * _MEBIBYTE
    stored_bytes: int = 64 * _MEBIBYTE
    all_stored_bytes: int = 256 * _MEBIBYTE
