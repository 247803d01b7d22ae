"""Waits for requests: they count those in the journal, and hear of others as these come."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Generator, Hashable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, ExitStack, contextmanager
from functools import partial
from threading import Lock
from typing import Final, NamedTuple

from chatdouble.core.errors import APIError
from chatdouble.core.in_turns import in_turns, turn
from chatdouble.core.json_in_steps import is_short
from chatdouble.server.entry import Entry
from chatdouble.server.feed import Kind, Listener
from chatdouble.server.read_entries import Turns
from chatdouble.server.selection import Test

_AT_ONCE: Final = 20
"""The tests of a request between two turns of others."""
_MOST: Final = 1000
"""The short requests that wait to be tested; they have some 100 KB each at most."""

_LOOK: Final = 0.2
"""Seconds between two looks for requests in other processes."""

Reading = Callable[[], AbstractAsyncContextManager[list[Entry]]]
"""Reads the requests in the journal."""

Listening = Callable[[str | None, Listener], AbstractContextManager[None]]
"""Tells a listener of the requests of a session, or of all; see `Journal.listening`."""


class Asked(NamedTuple):
    """The requests that a wait is for.

    Attributes:
        session: Their session; None: any.
        key: Equal for waits whose tests are the same.
        test: Tells whether an entry counts.
    """

    session: str | None
    key: Hashable
    test: Test


class Waiting:
    """One wait for requests. It hears of them in the thread that serves, which may be another than its own.

    Args:
        count: The number of requests to wait for.

    Attributes:
        since: The number of the last request that came before the wait.
        found: The sessions of the requests that came, by the requests' ids.
        error: The error of a test; None: there was none.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._loop = asyncio.get_running_loop()
        self._done: asyncio.Future[None] = self._loop.create_future()
        self._counting = Lock()
        self.since = 0
        self.found: dict[str, str] = {}
        self.error: APIError | None = None

    def add(self, entry: Entry) -> None:
        """Count a request; one that has been counted stays so."""
        with self._counting:
            if len(self.found) < self._count:
                self.found[entry["id"]] = entry["session"]
                if len(self.found) == self._count:
                    self.cancel()

    def fail(self, error: APIError) -> None:
        """End the wait with an error."""
        self.error = error
        self.cancel()

    def cancel(self) -> None:
        """End the wait."""
        self._loop.call_soon_threadsafe(self._end)

    def _end(self) -> None:
        if not self._done.done():
            self._done.set_result(None)

    async def until(self, seconds: float, elsewhere: Callable[[], Awaitable[None]] | None = None) -> None:
        """Wait until there are enough, or for a time.

        Args:
            seconds: The time.
            elsewhere: Counts the requests of other processes; None: there is no other process.
        """
        end = self._loop.time() + seconds
        while not self._done.done() and (left := end - self._loop.time()) > 0:
            await asyncio.wait([self._done], timeout=left if elsewhere is None else min(_LOOK, left))
            if elsewhere is not None and not self._done.done():
                await elsewhere()
        await turn()  # a thousand waits may end at once


class _Alike:
    """Waits that ask for the same requests, which are tested once for all of them.

    Args:
        test: Tells whether an entry counts.

    Attributes:
        waits: The waits, in the order in which they came.
    """

    def __init__(self, test: Test) -> None:
        self._test = test
        self.waits: dict[Waiting, None] = {}

    def count(self, entry: Entry, waits: Sequence[Waiting]) -> None:
        """Count a request for some of the waits; an error of the test ends them."""
        try:
            if self._test(entry):
                for wait in waits:
                    wait.add(entry)
        except APIError as error:  # a regular expression that takes too long
            for wait in waits:
                wait.fail(error)

    def hear(self, entry: Entry, number: int) -> None:
        """Count a request that came, for those who waited already."""
        if waits := [wait for wait in tuple(self.waits) if wait.since < number]:  # a copy, as another thread may count
            self.count(entry, waits)


class _Audience:
    """The waits for requests of one session, or of all.

    Args:
        workers: The few threads for long work.

    Attributes:
        alike: The waits by what they ask for.
        feed: Closes its listening to the journal.
    """

    def __init__(self, workers: Executor) -> None:
        self._workers = workers
        self._number = 0
        self._new: deque[tuple[Entry, int]] = deque()
        self._testing: asyncio.Task[None] | None = None
        self._beginning: dict[Waiting, _Alike] = {}
        self._reading = Turns()
        self.alike: dict[Hashable, _Alike] = {}
        self.feed = ExitStack()

    def enter(self, wait: Waiting, key: Hashable, test: Test) -> None:
        """Let a wait hear of requests; those with the same key have the same test."""
        wait.since = self._number
        self.alike.setdefault(key, _Alike(test)).waits[wait] = None

    def leave(self, wait: Waiting, key: Hashable) -> None:
        """Let a wait hear of nothing more."""
        waits = self.alike[key].waits
        del waits[wait]
        if not waits:
            del self.alike[key]
        self._beginning.pop(wait, None)

    def hear(self, _kind: Kind, _session: str, entry: Entry) -> None:
        """Take a request, which is tested soon, by a thread if it is large."""
        self._number += 1
        if not is_short([entry["request"], entry["response"]]):
            asyncio.get_running_loop().run_in_executor(self._workers, self._hear, entry, self._number)
            return
        self._new.append((entry, self._number))
        if self._testing is None:
            self._testing = asyncio.create_task(self._test())
        elif len(self._new) > _MOST:  # whoever sends more than can be tested has to wait
            self._hear(*self._new.popleft())

    def _hear(self, entry: Entry, number: int) -> None:
        for alike in tuple(self.alike.values()):
            alike.hear(entry, number)

    async def _test(self) -> None:
        """Test requests, a few at once, as there may be a thousand waits."""
        try:
            while self._new:
                entry, number = self._new.popleft()
                async for alike in in_turns(tuple(self.alike.values()), _AT_ONCE):
                    alike.hear(entry, number)
                await asyncio.sleep(0)
        finally:
            self._testing = None

    async def count(self, wait: Waiting, key: Hashable, read: Reading) -> None:
        """Count the requests that are in the journal, which is read once for all waits that have come meanwhile."""
        self._beginning[wait] = self.alike[key]
        async with self._reading():
            if wait not in self._beginning:
                return
            begun = tuple(self._beginning.items())
            async with read() as entries:
                # In a thread, as others want answers meanwhile.
                await asyncio.get_running_loop().run_in_executor(self._workers, _count_all, entries, begun)
            for one, _ in begun:
                self._beginning.pop(one, None)


def _count_all(entries: Sequence[Entry], begun: Sequence[tuple[Waiting, _Alike]]) -> None:
    waits: dict[_Alike, list[Waiting]] = {}
    for wait, alike in begun:
        waits.setdefault(alike, []).append(wait)
    for alike, those in waits.items():
        for entry in entries:
            alike.count(entry, those)


class Waits:
    """All waits for requests. Each request is tested once for those of a session that ask the same."""

    def __init__(self) -> None:
        self._audiences: dict[str | None, _Audience] = {}
        self._entering = Lock()  # a test may wait in the event loop of another thread

    @contextmanager
    def entered(
        self, asked: Asked, wait: Waiting, listening: Listening, workers: Executor
    ) -> Generator[Callable[[Reading], Awaitable[None]]]:
        """Let a wait hear of requests for as long as a `with` lasts, which gets what counts those in the journal.

        Args:
            asked: The requests that it waits for.
            wait: The wait.
            listening: Listens to the journal.
            workers: The few threads for long work.
        """
        with self._entering:
            audience = self._audiences.get(asked.session)
            if audience is None:
                audience = self._audiences[asked.session] = _Audience(workers)
                audience.feed.enter_context(listening(asked.session, audience.hear))
            audience.enter(wait, asked.key, asked.test)
        try:
            yield partial(audience.count, wait, asked.key)
        finally:
            with self._entering:
                audience.leave(wait, asked.key)
                if not audience.alike:
                    audience.feed.close()
                    del self._audiences[asked.session]
