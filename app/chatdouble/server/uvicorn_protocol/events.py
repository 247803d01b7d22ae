"""What requests and their connections wait for."""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final


class OneWaiterEvent:
    """What uvicorn takes for an `asyncio.Event`, for one that waits: cheap to make, and a tenth of its size.

    Args:
        heard: Whether there is something new to begin with.
    """

    __slots__ = ("_heard", "_waiting")

    def __init__(self, *, heard: bool = False) -> None:
        self._heard = heard
        self._waiting: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Say that there is something new."""
        self._heard = True
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def clear(self) -> None:
        """Say that it was taken note of."""
        self._heard = False

    async def wait(self) -> None:
        """Return once there is something new."""
        if not self._heard:
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting


_TOGETHER: Final = 32
"""How much happens in one turn."""
_EARLY: Final = 0.0005
"""How much earlier something may happen, in seconds: the loop's own timers are as exact as that."""


class Tick:
    """Something that is to happen.

    Args:
        call: What is to be called.
        args: What with.
    """

    __slots__ = ("_args", "_call")

    def __init__(self, call: Callable[..., None], args: tuple[Any, ...]) -> None:
        self._call: Callable[..., None] | None = call
        self._args = args

    def happen(self) -> None:
        """Call it, unless it was called off."""
        if self._call:
            self._call(*self._args)

    def cancel(self) -> None:
        """Call it off; its place is kept until its time, what it was to call is not."""
        self._call, self._args = None, ()


class Ticker:
    """Calls things at their times, those that are late one after another.

    An event loop calls everything that is due before it looks at its sockets, and takes one new connection a turn: with
    a thousand streams that are late, a new client would wait for seconds.

    Args:
        loop: The event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[tuple[float, int, Tick]] = []
        self._numbers = count()
        self._timer: asyncio.Handle | None = None
        self._ticking = False

    def at(self, time: float, call: Callable[..., None], *args: Any) -> Tick:
        """Have something called at a time of the loop's; things of the same time are called in order."""
        tick = Tick(call, args)
        entry = (time, next(self._numbers), tick)
        heappush(self._waiting, entry)
        if self._waiting[0] is entry and not self._ticking:
            self._wind()
        return tick

    def _wind(self) -> None:
        """Have the next thing happen when it is due."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._waiting[0][0], self._tick)

    def _tick(self) -> None:
        self._timer, self._ticking = None, True
        waiting, due = self._waiting, self._loop.time() + _EARLY
        try:
            for _ in range(_TOGETHER):
                if not waiting or waiting[0][0] > due:
                    break
                heappop(waiting)[2].happen()
        finally:
            self._ticking = False
            if waiting:
                self._wind()
