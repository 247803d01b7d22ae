"""All sessions of a server, by name, and what holds for all of them."""

from contextlib import suppress
from functools import lru_cache, partial
from typing import Final, Protocol

from chatdouble.state.others import NOBODY, Others
from chatdouble.state.session import Session
from chatdouble.state.store import Store

_EVERYONE: Final = "\0everyone"
"""The name by which is kept what holds for all sessions; no header can send it."""
_REMEMBERED: Final = 1024


class Named(Protocol):
    """Returns a session by its name."""

    def __call__(self, name: str, shown: str | None = None, /) -> Session:
        """Return the session.

        Args:
            name: The name that it is kept by.
            shown: The name that it is shown by; None: the same.
        """
        ...


class Sessions:
    """All sessions of a server.

    Args:
        store: Where they are kept.

    Attributes:
        store: Where they are kept.
        others: The other processes that share the store.
        has_rules: Whether rules were ever added or disabled for all sessions; known without asking the store.
        named: Returns the session that is kept by a name, and may be shown by another. The latest are remembered: a
            session holds nothing but its names.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.named: Final[Named] = lru_cache(maxsize=_REMEMBERED)(partial(Session, store))
        self.others: Others = NOBODY
        self.has_rules = False

    @property
    def everyone(self) -> Session:
        """The settings that hold for all sessions."""
        return Session(self.store, _EVERYONE)

    @property
    def private(self) -> bool:
        """True if only this process uses the store."""
        return self.store.private

    async def rules_changed(self) -> None:
        """Note that rules were added or disabled for all sessions, in every process."""
        self.has_rules = True
        await self.others.ask("rules", {})

    async def ready(self) -> str | None:
        """Return in a sentence why the sessions cannot be reached now; None: they can."""
        return await self.store.ready()

    async def names(self) -> list[str]:
        """Return the names of all sessions that have anything, sorted."""
        names = await self.store.sessions()
        with suppress(ValueError):
            names.remove(_EVERYONE)
        return names

    async def reset_all(self) -> None:
        """Forget all sessions, and what holds for all of them."""
        self.has_rules = False
        await self.store.clear(None)
