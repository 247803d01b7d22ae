"""Modes: how recordings are used, by the whole server, one session or one request."""

from typing import Any, Final, Literal, cast, get_args

from chatdouble.backend import Call
from chatdouble.core.errors import APIError

Mode = Literal["replay", "record", "rerecord", "passthrough"]
"""`replay` never calls the upstream. `record` calls it for requests without a recording. `rerecord` calls it always and
overwrites recordings. `passthrough` calls it always and ignores recordings."""

MODES: Final[tuple[str, ...]] = get_args(Mode)

_OFFLINE: Final[Mode] = "replay"
"""The mode that never calls the upstream."""

HEADER: Final = "x-double-mode"
"""The request header that sets the mode of one request."""


def mode_of(call: Call[Any], default: str, *, header: bool = False) -> Mode:
    """Return the mode of a request: its header's, its session's, the server's.

    Args:
        call: The request.
        default: The server's mode.
        header: Whether a header may have the upstream called where the server's and the session's mode do not.

    Raises:
        APIError: 400: the mode does not exist; 403: the header may not set it.
    """
    if call.overrides.mode is None and not call.headers.is_controlling:
        return cast("Mode", default)
    set_here = checked(call.overrides.mode or default)
    asked = call.headers.get(HEADER)
    mode = checked(asked) if asked else set_here
    if mode != _OFFLINE and set_here == _OFFLINE and not header:
        raise APIError(
            f"X-Double-Mode: {mode} would call the upstream, and this server replays: start it with "
            "--allow-mode-header, or set the session's mode with PUT /_double/mode.",
            status=403,
            param="mode",
            code="mode_not_allowed",
        )
    return mode


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
