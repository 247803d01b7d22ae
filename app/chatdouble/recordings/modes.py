"""How recordings are used, for the whole server or for one session."""

from typing import Any, Final, Literal, cast, get_args

from chatdouble.backend import Call
from chatdouble.core.errors import APIError

Mode = Literal["replay", "record", "refresh", "pass"]
"""`replay` never asks the upstream; `record` asks it for what is missing; `refresh` asks it and overwrites; `pass`
neither reads nor writes recordings."""

MODES: Final[tuple[str, ...]] = get_args(Mode)

HEADER: Final = "x-double-mode"
"""The request header that chooses a mode for one request."""


def mode_of(call: Call[Any], default: str) -> Mode:
    """Return the mode of a request: its header's, its session's, the server's.

    Args:
        call: The request.
        default: The server's mode.

    Raises:
        APIError: 400: there is no such mode.
    """
    return checked(call.headers.get(HEADER) or call.overrides.mode or default)


def checked(name: object) -> Mode:
    """Return a mode by its name.

    Raises:
        APIError: 400: there is no such mode.
    """
    if name not in MODES:
        raise APIError(
            f"No mode {name!r}: give {', '.join(MODES[:-1])} or {MODES[-1]}.", param="mode", code="invalid_mode"
        )
    return cast("Mode", name)
