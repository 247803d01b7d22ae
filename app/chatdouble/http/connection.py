"""The connection of a request, which a server may offer beside ASGI, and the answers that wait on it."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

from starlette.types import Scope

CONNECTION: Final = "chatdouble.connection"
"""The key of the connection in `scope["extensions"]` while the request is answered."""

MALFORMED: Final = "chatdouble.malformed"
"""The key of the error in the scope of a request that is not HTTP, or whose head is too large or incomplete."""


class Cancellable(Protocol):
    """A scheduled call."""

    def cancel(self) -> None:
        """Cancel the call."""
        ...


class Connection(Protocol):
    """The connection of one request.

    Attributes:
        unheard: Whether the client has left before any byte of the response.
    """

    unheard: bool

    def at(self, time: float, call: Callable[..., None], /, *args: Any) -> Cancellable:
        """Schedule a call at a time of the event loop, after the earlier calls of all connections."""
        ...

    def write(self, body: bytes) -> bool:
        """Write a piece of the body directly; return False if it has to be sent through ASGI instead."""
        ...

    def watch(self, left: Callable[[], None] | None) -> None:
        """Set what is called when the client leaves; None: nothing."""
        ...

    def hang_up(self) -> None:
        """Close the connection after what was sent; an incomplete response stays incomplete."""
        ...

    def reset(self) -> None:
        """Reset the connection (TCP RST); nothing more is sent."""
        ...


def connection_of(scope: Scope) -> Connection | None:
    """Return the connection of a request; None: the server does not offer it."""
    extensions: dict[str, Any] = scope.get("extensions") or {}
    return extensions.get(CONNECTION)


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
