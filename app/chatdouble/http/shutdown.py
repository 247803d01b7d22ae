"""The answers that wait on their connections, and their end when the server stops."""

import asyncio
from collections.abc import Callable
from typing import Protocol


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
    """

    def __init__(self, grace: float, release: Callable[[], None] | None = None) -> None:
        self._grace = grace
        self._release = release
        self._waiting: set[Answer] = set()
        self._stalled: set[Answer] = set()
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
