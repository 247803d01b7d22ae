"""Modes: how recordings are used, by the whole server, one session or one request."""

from typing import Any, Final, Literal, cast, get_args

from chatdouble.backend import Call
from chatdouble.core.errors import APIError

Mode = Literal["replay", "record", "rerecord", "passthrough"]
"""`replay` never calls the upstream. `record` calls it for requests without a recording. `rerecord` calls it always and
overwrites recordings. `passthrough` calls it always and ignores recordings."""

MODES: Final[tuple[str, ...]] = get_args(Mode)

HEADER: Final = "x-double-mode"
"""The request header that sets the mode of one request."""


def mode_of(call: Call[Any], default: str) -> Mode:
    """Return the mode of a request: its header's, its session's, the server's.

    Args:
        call: The request.
        default: The server's mode.

    Raises:
        APIError: 400: the mode does not exist.
    """
    return checked(call.headers.get(HEADER) or call.overrides.mode or default)


def checked(name: object) -> Mode:
    """Return a mode by its name.

    Raises:
        APIError: 400: the mode does not exist.
    """
    if name not in MODES:
        raise APIError(
            f"Unknown mode {name!r}: use {', '.join(MODES[:-1])} or {MODES[-1]}.", param="mode", code="invalid_mode"
        )
    return cast("Mode", name)
