"""Waits for requests: they count those in the journal, and hear of others as these come."""

import asyncio
from collections.abc import Iterable
from typing import Final

from chatdouble.server.entry import Entry
from chatdouble.server.feed import Kind
from chatdouble.server.selection import Test

_AT_ONCE: Final = 50
"""The entries that are tested at once, some milliseconds."""


class Waiting:
    """One wait for requests. It hears of them in the thread that serves, which may be another than its own.

    Args:
        test: Tells whether an entry counts.
        count: The number of requests to wait for.

    Attributes:
        found: The ids of those that came.
    """

    def __init__(self, test: Test, count: int) -> None:
        self._test = test
        self._count = count
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self.found: set[str] = set()

    def hear(self, _kind: Kind, _session: str, entry: Entry) -> None:
        """Count a request; one that has been counted stays so."""
        if len(self.found) < self._count and self._test(entry):
            self.found.add(entry["id"])
            if len(self.found) >= self._count:
                self.cancel()

    async def hear_all(self, entries: Iterable[Entry]) -> None:
        """Count requests that are in the journal."""
        for at, entry in enumerate(entries, 1):
            self.hear("entry", "", entry)
            if at % _AT_ONCE == 0:
                await asyncio.sleep(0)  # others want answers meanwhile

    def cancel(self) -> None:
        """End the wait."""
        self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if not self._done.done():
            self._done.set_result(None)

    async def until(self, seconds: float) -> bool:
        """Wait until there are enough, or for a time; return whether it is over."""
        await asyncio.wait([self._done], timeout=seconds)
        return self._done.done()
