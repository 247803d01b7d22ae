"""How recordings are used, for the whole server or for one session."""

from collections.abc import Mapping
from typing import Final, Literal, cast, get_args

from chatdouble.core.errors import APIError
from chatdouble.state.store import Store

Mode = Literal["replay", "record", "refresh", "pass"]
"""`replay` never asks the upstream; `record` asks it for what is missing; `refresh` asks it and overwrites; `pass`
neither reads nor writes recordings."""

MODES: Final[tuple[str, ...]] = get_args(Mode)

HEADER: Final = "x-double-mode"
"""The request header that chooses a mode for one request."""

KEPT: Final = "mode"
"""The name in the store under which a session has its mode."""


async def mode_of(store: Store, session: str, headers: Mapping[str, str], default: str) -> Mode:
    """Return the mode that holds for a request: its header's, its session's, the server's.

    Args:
        store: What sessions have.
        session: The session.
        headers: The request's headers, names in lower case.
        default: The server's mode.

    Raises:
        APIError: 400: there is no such mode.
    """
    return checked(headers.get(HEADER) or await store.get(session, KEPT) or default)


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


async def set_mode(store: Store, session: str, name: object) -> None:
    """Give a session a mode of its own; None takes it away.

    Raises:
        APIError: 400: there is no such mode.
    """
    await store.put(session, KEPT, None if name is None else checked(name))
