"""Events and timers of requests and connections."""

import asyncio
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final


class OneWaiterEvent:
    """Stand-in for asyncio.Event with at most one waiter; a tenth of the memory.

    Args:
        heard: Whether it is set to begin with.
    """

    __slots__ = ("_error", "_heard", "_waiting")

    def __init__(self, *, heard: bool = False) -> None:
        self._error: Exception | None = None
        self._heard = heard
        self._waiting: asyncio.Future[None] | None = None

    def set(self) -> None:
        """Set the event."""
        self._heard = True
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def clear(self) -> None:
        """Clear the event."""
        self._heard = False

    def fail(self, error: Exception) -> None:
        """Have the waiter, or the next one if the event is not set, raise an error: it will never be set."""
        self._error = error
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(error)

    async def wait(self) -> None:
        """Wait until the event is set."""
        if not self._heard:
            if self._error:
                raise self._error
            self._waiting = asyncio.get_running_loop().create_future()
            await self._waiting


_TOGETHER: Final = 32
"""Ticks in one turn of the loop."""
_SLOTS: Final = 2000
"""Slots of a second. Ticks of one slot happen together, a quarter of a millisecond early or late at most."""
_EARLY: Final = 0.0005
"""Seconds a slot may be early, as the loop's own timers may."""
_NEVER: Final = 1e12
"""The time of what is due later, or at infinity, which has no slot."""


class Tick:
    """A scheduled call.

    Args:
        call: The function. It returns the time at which it is called again; None: it is not.
        args: Its arguments.
    """

    __slots__ = ("args", "call")

    def __init__(self, call: Callable[..., float | None], args: tuple[Any, ...]) -> None:
        self.call: Callable[..., float | None] | None = call
        self.args = args

    def cancel(self) -> None:
        """Cancel the tick. Its place in the queue stays until its time; the function is released."""
        self.call, self.args = None, ()


class Ticker:
    """Timers of all streams, of which a bounded number run in each turn of the loop.

    An event loop runs every due timer before it looks at its sockets, and accepts one new connection a turn: behind a
    thousand late streams, a new client would wait for seconds.

    Args:
        loop: The event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: dict[int, list[Tick]] = {}
        self._order: list[int] = []
        self._timer: asyncio.Handle | None = None
        self._ticking = False

    def at(self, time: float, call: Callable[..., float | None], *args: Any) -> Tick:
        """Schedule a call at a time of the loop; calls of one slot run in the order in which they were scheduled.

        The call returns the time at which it is called again; None: it is not.
        """
        tick = Tick(call, args)
        self._put(time, tick)
        return tick

    def _put(self, time: float, tick: Tick) -> None:
        slot = round(min(_NEVER, time) * _SLOTS)
        ticks = self._slots.get(slot)
        if ticks is not None:
            ticks.append(tick)
            return
        self._slots[slot] = [tick]
        heappush(self._order, slot)
        if self._order[0] == slot and not self._ticking:
            self._wind()

    def _wind(self) -> None:
        """Set the loop's timer to the next slot."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._order[0] / _SLOTS, self._tick)

    def _tick(self) -> None:
        self._timer, self._ticking = None, True
        due, order = (self._loop.time() + _EARLY) * _SLOTS, self._order
        try:
            for _ in range(_TOGETHER):
                if not order or order[0] > due:
                    break
                ticks = self._slots[order[0]]
                tick = ticks.pop(0)
                if not ticks:
                    del self._slots[heappop(order)]
                if tick.call and (again := tick.call(*tick.args)) is not None:
                    self._put(again, tick)
        finally:
            self._ticking = False
            if order:
                self._wind()
