"""Modes: how recordings are used, by the whole server, one session or one request."""

from collections.abc import Mapping
from typing import Final, Literal, cast, get_args

from chatdouble.core.errors import APIError
from chatdouble.state.store import Store

Mode = Literal["replay", "record", "rerecord", "passthrough"]
"""`replay` never calls the upstream. `record` calls it for requests without a recording. `rerecord` calls it always and
overwrites recordings. `passthrough` calls it always and ignores recordings."""

MODES: Final[tuple[str, ...]] = get_args(Mode)

HEADER: Final = "x-double-mode"
"""The request header that sets the mode of one request."""

KEY: Final = "mode"
"""The key of a session's mode in the store."""


async def mode_of(store: Store, session: str, headers: Mapping[str, str], default: str) -> Mode:
    """Return the mode of a request: its header's, else its session's, else the server's.

    Args:
        store: The store of sessions.
        session: The session.
        headers: The request's headers, names in lower case.
        default: The server's mode.

    Raises:
        APIError: 400: the mode does not exist.
    """
    return checked(headers.get(HEADER) or await store.get(session, KEY) or default)


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


async def set_mode(store: Store, session: str, name: object) -> None:
    """Set a session's mode; None returns it to the server's.

    Raises:
        APIError: 400: the mode does not exist.
    """
    await store.put(session, KEY, None if name is None else checked(name))
