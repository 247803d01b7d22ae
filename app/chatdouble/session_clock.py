"""A session's own time: the server's clock, as far on as its test has moved it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from chatdouble.backend import Services
from chatdouble.store import Store

_KEPT: Final = "clock"
"""The store's counter of the milliseconds by which a session's clock is ahead."""


async def advance(store: Store, session: str, seconds: float) -> float:
    """Move a session's clock on; return by how many seconds it is ahead of the server's now."""
    return await store.increment(session, _KEPT, round(seconds * 1000)) / 1000


def in_session(services: Services, own: Mapping[str, Any]) -> Services:
    """Return a server's services as a session has them, with its own clock.

    Args:
        services: The server's services.
        own: What the session has of its own.
    """
    ahead: int | None = own.get(_KEPT)
    return replace(services, clock=services.clock.ahead(ahead / 1000)) if ahead else services
