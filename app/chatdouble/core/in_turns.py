"""Loops over very many things, between which others get their turns."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import merge
from typing import Any, Final, TypeVar

T = TypeVar("T")

_AT_ONCE: Final = 50
"""The things that are looked at in a few milliseconds, if each takes little."""
_SORTED: Final = 5_000
"""The things that are sorted in a few milliseconds."""


async def in_turns(things: Iterable[T], at_once: int = _AT_ONCE) -> AsyncIterator[T]:
    """Yield things in the event loop; others get their turns after some of them.

    There may be a thousand such loops, of which one goes on at a time.
    """
    line = _line(asyncio.get_running_loop())
    for at, thing in enumerate(things):
        # The second thing waits, too: a thousand loops may begin at once, and those over a single thing are short.
        if at and (at % at_once == 0 or (at == 1 and line.is_busy)):
            await line.turn()
        yield thing


async def turn() -> None:
    """Give way to others, and go on after those who gave way before."""
    await _line(asyncio.get_running_loop()).turn()


class _Line:
    """The long loops that wait for their turns.

    Args:
        loop: The event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def is_busy(self) -> bool:
        """True if any waits."""
        return bool(self._waiting)

    async def turn(self) -> None:
        """Wait for those that came before, and for everybody else once."""
        turn = self._loop.create_future()
        self._waiting.append(turn)
        if len(self._waiting) == 1:
            self._loop.call_soon(self._next)
        await turn

    def _next(self) -> None:
        turn = self._waiting.popleft()
        if not turn.done():  # its task may have been cancelled
            turn.set_result(None)
        if self._waiting:
            self._loop.call_soon(self._next)


_line: Final = lru_cache(maxsize=8)(_Line)
"""The line of each event loop: a process has one, but for tests that run a server beside their own."""


def in_order(things: Sequence[T], key: Callable[[T], Any]) -> Iterator[T]:
    """Yield things sorted; meant for a thread, as Python sorts a list in one step.

    Args:
        things: The things.
        key: Returns what a thing is sorted by.
    """
    some = (things[at : at + _SORTED] for at in range(0, len(things), _SORTED))
    return merge(*(sorted(part, key=key) for part in some), key=key)
