"""The feed of the journal, for those who listen: each request when its body has come, and when it has ended."""

import logging
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final, Literal

from chatdouble.server.entry import Entry

_log: Final = logging.getLogger("chatdouble")

Kind = Literal["request", "entry"]
"""The events: a request that has begun, and one that has ended."""

Watcher = Callable[[str], None]
"""Takes the name of a session whose journal has changed. It must not wait."""

Listener = Callable[[Kind, str, Entry], None]
"""Takes an event: its kind, the name of its session, and the entry as it is then. It must not wait."""


class Feed:
    """Tells listeners of requests. Without listeners nothing is made for them.

    Attributes:
        listeners: Those who listen, each with the session that it listens to, and the bytes of an entry beyond which it
            wants no bodies; None: all of them.
        watchers: Those who only hear that something has changed.
        is_followed: Whether anybody listens or watches.
    """

    def __init__(self) -> None:
        # Replaced and never changed, as another thread may listen.
        self.listeners: tuple[tuple[str | None, Listener, int | None], ...] = ()
        self.watchers: tuple[Watcher, ...] = ()
        self.is_followed = False

    def is_heard_of(self, session: str) -> bool:
        """Tell whether anybody listens to a session."""
        return bool(self.listeners) and any(name in (None, session) for name, _, _ in self.listeners)

    def listeners_to(self, session: str, size: int, *, whole: bool) -> list[Listener]:
        """Return those who listen to a session and want an entry of a size whole, or those who want no bodies."""
        return [
            listener
            for name, listener, most in self.listeners
            if name in (None, session) and (most is None or size <= most) is whole
        ]

    @contextmanager
    def listening(self, session: str | None, listener: Listener, most: int | None = None) -> Generator[None]:
        """Tell a listener of the requests of a session, or of all sessions, for as long as a `with` lasts.

        Args:
            session: The session; None: all of them.
            listener: The listener.
            most: The bytes of an entry beyond which it wants no bodies; None: it wants all.
        """
        held = (session, listener, most)
        self.listeners, self.is_followed = (*self.listeners, held), True
        try:
            yield
        finally:
            self.listeners = tuple(one for one in self.listeners if one is not held)
            self.is_followed = bool(self.listeners or self.watchers)

    @contextmanager
    def watching(self, watcher: Watcher) -> Generator[None]:
        """Tell a watcher which sessions change, for as long as a `with` lasts."""
        self.watchers, self.is_followed = (*self.watchers, watcher), True
        try:
            yield
        finally:
            self.watchers = tuple(one for one in self.watchers if one is not watcher)
            self.is_followed = bool(self.listeners or self.watchers)

    def change(self, session: str) -> None:
        """Tell watchers that a session's journal has changed."""
        for watcher in self.watchers:
            watcher(session)

    def tell(self, kind: Kind, session: str, entry: Entry, size: int, *, whole: bool = True) -> None:
        """Tell those of a request who want its entry whole, or those who want no bodies.

        Args:
            kind: The event.
            session: The session.
            entry: The entry.
            size: The size of the whole entry.
            whole: Whether the entry has its bodies.
        """
        for listener in self.listeners_to(session, size, whole=whole):
            try:
                listener(kind, session, entry)
            except Exception:  # noqa: BLE001 - a listener's mistake must not stop the request
                _log.exception("a listener failed")
