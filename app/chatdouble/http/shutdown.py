"""The answers that wait on their connections, and their end when the server stops or they take too much memory."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from chatdouble.backend import Call

_PATIENCE: Final = 10.0
"""Seconds for which a client may read nothing of a long answer, although others need the memory."""


class Answer(Protocol):
    """An answer that waits."""

    def cancel(self) -> None:
        """End the answer."""
        ...


class Shutdown:
    """The answers that wait; one per server.

    Args:
        grace: Seconds that answers have to finish once the server stops.
        release: Lets go what is held until somebody releases it; None: nothing is.

    Attributes:
        unread: The long answers that are being read.
    """

    def __init__(self, grace: float, release: Callable[[], None] | None = None) -> None:
        self._grace = grace
        self._release = release
        self._waiting: set[Answer] = set()
        self._stalled: set[Answer] = set()
        self.unread = Unread()
        self.begun = False

    def enter(self, answer: Answer) -> None:
        """Add an answer."""
        self._waiting.add(answer)

    def leave(self, answer: Answer) -> None:
        """Remove an answer that has ended."""
        self._waiting.discard(answer)
        self._stalled.discard(answer)

    def stall(self, answer: Answer) -> None:
        """Mark an answer that will never finish by itself, so that shutdown does not wait for it."""
        self._stalled.add(answer)
        if self.begun:
            answer.cancel()

    def begin(self) -> None:
        """End stalled answers at once and all others after the grace time. Call it in the event loop."""
        self.begun = True
        if self._release:
            self._release()
        self._cancel(self._stalled)
        asyncio.get_running_loop().call_later(self._grace, self._cancel, self._waiting)

    def _cancel(self, answers: set[Answer]) -> None:
        for answer in tuple(answers):
            answer.cancel()


@dataclass(slots=True, eq=False)
class _Reading:
    call: Call[Any]
    size: int
    last_read: float
    is_cut: bool = False


@dataclass(slots=True, eq=False)
class Unread:
    """The long answers that clients are reading. Those of clients that do not read are cut, should all take too much.

    Attributes:
        most: The bytes that all may take together.
        patience: The seconds without a read after which an answer may be cut.
    """

    most: int = 256 * 1024 * 1024
    patience: float = _PATIENCE
    _readings: set[_Reading] = field(default_factory=set[_Reading])

    def watched(self, call: Call[Any], size: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the pieces of an answer that holds so many bytes, until its client is gone."""
        now = asyncio.get_running_loop().time
        reading = _Reading(call, size, now())
        self._make_room(size, reading.last_read)
        self._readings.add(reading)
        try:
            for piece in pieces:
                yield piece
                reading.last_read = now()
                if call.connection is not None and call.connection.disconnected:
                    call.ended = "cut" if reading.is_cut else "client left"
                    return
        finally:
            self._readings.discard(reading)

    def _make_room(self, size: int, now: float) -> None:
        """Cut the answers that were read the longest time ago, as far as one more needs their memory."""
        size += sum(reading.size for reading in self._readings)
        for reading in sorted(self._readings, key=lambda one: one.last_read):
            if size <= self.most or now - reading.last_read < self.patience:
                return
            size -= reading.size
            self._cut(reading)

    def _cut(self, reading: _Reading) -> None:
        connection = reading.call.connection
        if connection is not None and not reading.is_cut:
            reading.is_cut = True
            reading.call.notes.warn(
                f"the answer was cut: its client read nothing for {self.patience:g} seconds, and long answers that "
                f"wait for their clients take more than {self.most:,} bytes"
            )
            connection.reset()
