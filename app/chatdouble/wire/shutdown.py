"""What happens to answers that are under way when the server stops."""

import asyncio
from typing import Protocol


class Answer(Protocol):
    """An answer that waits for something."""

    def cancel(self) -> None:
        """End it."""
        ...


class Shutdown:
    """The answers that wait for something; one per server.

    Args:
        grace: Seconds that answers get to finish once the server stops.
    """

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._waiting: set[Answer] = set()
        self._stalled: set[Answer] = set()
        self.begun = False

    def enter(self, answer: Answer) -> None:
        """Note an answer that is under way."""
        self._waiting.add(answer)

    def leave(self, answer: Answer) -> None:
        """Forget an answer that has ended."""
        self._waiting.discard(answer)
        self._stalled.discard(answer)

    def stall(self, answer: Answer) -> None:
        """Note an answer that will never finish by itself: it gets no grace."""
        self._stalled.add(answer)
        if self.begun:
            answer.cancel()

    def begin(self) -> None:
        """End stalled answers at once, and all others when their grace is over; call it in the event loop."""
        self.begun = True
        self._cancel(self._stalled)
        asyncio.get_running_loop().call_later(self._grace, self._cancel, self._waiting)

    def _cancel(self, answers: set[Answer]) -> None:
        for answer in tuple(answers):
            answer.cancel()
