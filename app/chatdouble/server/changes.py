"""The sessions whose journals change, for pages that read a journal again when it has."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from typing import Final

from chatdouble.http.shutdown import Shutdown
from chatdouble.server.events import Waker
from chatdouble.server.journal import Journal

PAUSE: Final = 0.1
"""Seconds between two changes that a listener hears of; what changes meanwhile is one change."""
LONGEST: Final = 0.9
"""Seconds to which the pause grows while there is always another change."""


class Changes:
    """The changes of the journal. A request costs next to nothing more while somebody listens.

    Args:
        journal: The journal.
        shutdown: Ends listening when the server stops.
    """

    def __init__(self, journal: Journal, shutdown: Shutdown) -> None:
        self._journal = journal
        self._shutdown = shutdown
        self._watchers: set[_Watcher] = set()

    async def listen(self, session: str | None) -> AsyncGenerator[frozenset[str]]:
        """Yield the sessions that have changed, at most ten times a second; an empty set first, when it listens.

        Args:
            session: The only session to hear of; None: all of them.
        """
        pause = PAUSE
        watcher = _Watcher()
        self._watchers.add(watcher)
        self._shutdown.stall(watcher)
        try:
            with self._journal.watching(watcher.hear):
                yield frozenset()
                while not watcher.over:
                    await watcher.wake.wait()
                    changed = watcher.take()
                    told = changed if session is None else changed & {session}
                    if told:
                        yield told
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST) if watcher.wake.is_set() else PAUSE
        finally:
            self._shutdown.leave(watcher)
            self._watchers.discard(watcher)

    def hear(self, sessions: Iterable[str]) -> None:
        """Tell those who listen of changes in another process."""
        for watcher in self._watchers:
            for session in sessions:
                watcher.hear(session)


class _Watcher(Waker):
    """One who hears of changes."""

    def __init__(self) -> None:
        super().__init__()
        self._changed: set[str] = set()

    def hear(self, session: str) -> None:
        """Take a change."""
        self._changed.add(session)
        self.wake.set()

    def take(self) -> frozenset[str]:
        """Return the changes since the last time."""
        self.wake.clear()
        changed, self._changed = frozenset(self._changed), set()
        return changed
