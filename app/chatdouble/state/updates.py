"""Changes of values that several requests want to make at a time: they travel together in one swap."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

Change = Callable[[Any], Any]
"""Makes a value's successor; it may raise, and then there is none."""


class Swapping(Protocol):
    """A store whose values can be swapped."""

    def peek(self, session: str, name: str) -> Awaitable[Any]:
        """Return a value that may have changed since."""
        ...

    def get(self, session: str, name: str) -> Awaitable[Any]:
        """Return a value."""
        ...

    def swap(self, session: str, name: str, expected: Any, value: Any) -> Awaitable[bool]:
        """Set a value if it still is the expected one; return whether it was."""
        ...


class _Waiting(NamedTuple):
    change: Change
    done: "asyncio.Future[Any]"


class Updates:
    """Changes values of a store, each as the next after the one before.

    Requests of one session that change its limits at a time would make each other's swaps fail, and swap again.

    Args:
        store: The store.
    """

    def __init__(self, store: Swapping) -> None:
        self._store: Final = store
        self._waiting: dict[tuple[asyncio.AbstractEventLoop, str, str], list[_Waiting]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def make(self, session: str, name: str, change: Change) -> Any:
        """Set a value to what a function makes of it, and return that; if the function raises, nothing is set."""
        loop = asyncio.get_running_loop()
        one = _Waiting(change, loop.create_future())
        key = loop, session, name
        if key in self._waiting:
            self._waiting[key].append(one)
        else:
            self._waiting[key] = [one]
            task = loop.create_task(self._run(key))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await one.done

    async def _run(self, key: tuple[asyncio.AbstractEventLoop, str, str]) -> None:
        """Make the changes of a value until nobody waits for one."""
        _, session, name = key
        try:
            while changes := self._waiting[key]:
                self._waiting[key] = []
                try:
                    found = await self._made(session, name, changes)
                except Exception as failed:  # noqa: BLE001 - all who wait hear of it
                    # What waited behind these changes has waited long enough.
                    changes += self._waiting[key]
                    self._waiting[key] = []
                    found = [failed.with_traceback(None)] * len(changes)
                for one, made in zip(changes, found, strict=True):
                    _settle(one.done, made)
        finally:
            del self._waiting[key]

    async def _made(self, session: str, name: str, changes: Sequence[_Waiting]) -> list[Any]:
        """Return the value after each change, or what the change raised."""
        held = await self._store.peek(session, name)
        while True:
            value, found = held, list[Any]()
            for one in changes:
                try:
                    value = one.change(value)
                    found.append(value)
                except Exception as wrong:  # noqa: BLE001 - it is raised where the change was asked for
                    found.append(wrong.with_traceback(None))  # whose frame would keep the list that keeps it
            if all(isinstance(made, Exception) for made in found):
                # What this process remembers may have changed, and then it is no reason.
                if held == (held := await self._store.get(session, name)):
                    return found
            elif await self._store.swap(session, name, held, value):
                return found
            else:
                held = await self._store.peek(session, name)


def _settle(done: "asyncio.Future[Any]", made: Any) -> None:
    if done.done():  # whoever waited has left
        return
    if isinstance(made, Exception):
        done.set_exception(made)
    else:
        done.set_result(made)
