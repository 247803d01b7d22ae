"""Entries of the journal that could not be written while the state was away."""

from collections import deque
from typing import Final

from chatdouble.core.errors import APIError
from chatdouble.state.session import Session

_MOST: Final = 1000
_MOST_BYTES: Final = 16 * 1024 * 1024

Entry = tuple[Session, bytes]
"""The session and what is to be written."""


class Unwritten:
    """The newest entries that wait for the state to come back, within a number and bytes.

    Args:
        keep: How many entries the journal of a session keeps.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._waiting: deque[Entry] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    async def write(self, session: Session, entry: bytes) -> None:
        """Write an entry after those that wait; if the state is away it waits too."""
        self._waiting.append((session, entry))
        self._bytes += len(entry)
        while len(self._waiting) > _MOST or (self._bytes > _MOST_BYTES and len(self._waiting) > 1):
            self._pop()
        while self._waiting:
            session, entry = self._pop()
            try:
                await session.write_journal(entry, len(entry), self._keep)
            except APIError:  # it has been logged when the state went away
                self._waiting.appendleft((session, entry))
                self._bytes += len(entry)
                return

    def _pop(self) -> Entry:
        session, entry = self._waiting.popleft()
        self._bytes -= len(entry)
        return session, entry
