"""The bounds of a store, and of the bodies of requests that are under way."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

_MEBIBYTE = 1024 * 1024


class Bounds(NamedTuple):
    """The bounds of a store; what was used longest ago is dropped first.

    Attributes:
        sessions: The most sessions.
        list_bytes: The most bytes that a session's kept list has.
        all_bytes: The most bytes that all kept lists have together.
        stored_bytes: The most bytes that a session's retained values have.
        all_stored_bytes: The most bytes that all retained values have together.
    """

    sessions: int = 10_000
    list_bytes: int = 64 * _MEBIBYTE
    all_bytes: int = 256 * _MEBIBYTE
    stored_bytes: int = 64 * _MEBIBYTE
    all_stored_bytes: int = 256 * _MEBIBYTE


@dataclass(slots=True, eq=False)
class Room:
    """The memory that long bodies of requests may take, from their first pieces until the requests end.

    Attributes:
        most: The bytes that all may take together; one alone may take more.
        patience: The seconds for which a body waits for room.
        taken: The bytes that are taken.
        waiting: The bodies that wait, each with its bytes.
    """

    most: int = 512 * _MEBIBYTE
    patience: float = 60.0
    taken: int = 0
    waiting: deque[tuple[int, asyncio.Future[None]]] = field(default_factory=deque[tuple[int, asyncio.Future[None]]])

    async def take(self, size: int) -> bool:
        """Take room for a body, after those that came before; return False if there was none in time."""
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append((size, turn))
        self.give(0)
        try:
            await asyncio.wait([turn], timeout=self.patience)
            return turn.done()
        finally:
            if not turn.done():
                turn.cancel()
                self.give(0)  # those behind may need less

    def give(self, size: int) -> None:
        """Give room back, to those that wait."""
        self.taken -= size
        while self.waiting:
            wanted, turn = self.waiting[0]
            if not turn.done():
                if self.taken and self.taken + wanted > self.most:
                    return
                self.taken += wanted
                turn.set_result(None)
            self.waiting.popleft()
