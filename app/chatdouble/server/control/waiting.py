"""Waits for requests: they count those in the journal, and hear of others as these come."""

import asyncio
from collections.abc import Iterable
from concurrent.futures import Executor
from threading import Lock

from chatdouble.core.errors import APIError
from chatdouble.core.json_in_steps import is_short
from chatdouble.server.entry import Entry
from chatdouble.server.feed import Kind
from chatdouble.server.selection import Test


class Waiting:
    """One wait for requests. It hears of them in the thread that serves, which may be another than its own.

    Args:
        test: Tells whether an entry counts.
        count: The number of requests to wait for.
        workers: The few threads for long work.

    Attributes:
        found: The ids of those that came.
        error: The error of a test; None: there was none.
    """

    def __init__(self, test: Test, count: int, workers: Executor) -> None:
        self._test = test
        self._count = count
        self._workers = workers
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._counting = Lock()
        self.found: set[str] = set()
        self.error: APIError | None = None

    def hear(self, _kind: Kind, _session: str, entry: Entry) -> None:
        """Count a request, once a thread has tested it if it is large; one that has been counted stays so."""
        if is_short([entry["request"], entry["response"]]):
            self._hear(entry)
        else:
            asyncio.get_running_loop().run_in_executor(self._workers, self._hear, entry)

    def _hear(self, entry: Entry) -> None:
        if len(self.found) >= self._count or not self._counts(entry):
            return
        with self._counting:
            if len(self.found) < self._count:
                self.found.add(entry["id"])
            if len(self.found) >= self._count:
                self.cancel()

    def _counts(self, entry: Entry) -> bool:
        """Tell whether an entry counts; an error of the test ends the wait."""
        try:
            return self._test(entry)
        except APIError as error:  # a regular expression that takes too long
            self.error = error
            self.cancel()
            return False

    async def hear_all(self, entries: Iterable[Entry]) -> None:
        """Count requests that are in the journal; a thread tests them, as others want answers meanwhile."""
        await asyncio.get_running_loop().run_in_executor(self._workers, self._hear_each, entries)

    def _hear_each(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            self._hear(entry)

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
