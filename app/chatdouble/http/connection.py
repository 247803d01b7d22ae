"""What a server may offer an application beside ASGI: the connection on which its request came."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

from starlette.types import Scope

CONNECTION: Final = "chatdouble.connection"
"""The key of the connection in `scope["extensions"]`, for as long as the request is being answered."""

MALFORMED: Final = "chatdouble.malformed"
"""The key in a scope of what is wrong with a request that is not HTTP; its other keys are empty."""


class Cancellable(Protocol):
    """Something that is to happen, and can be called off."""

    def cancel(self) -> None:
        """Call it off."""
        ...


class Connection(Protocol):
    """The connection of one request."""

    def at(self, time: float, call: Callable[..., None], /, *args: Any) -> Cancellable:
        """Have something called at a time of the event loop, when all that is earlier on other connections is done."""
        ...

    def write(self, body: bytes) -> bool:
        """Send a piece of the body at once; False: that is not possible now, it has to go the way of ASGI."""
        ...

    def watch(self, left: Callable[[], None] | None) -> None:
        """Have something called, instead of what was to be called before, when the client leaves."""
        ...

    def hang_up(self) -> None:
        """Close it once what was sent has left; a response that is not whole stays so."""
        ...

    def reset(self) -> None:
        """Reset it (TCP RST): nothing more is sent."""
        ...


def connection_of(scope: Scope) -> Connection | None:
    """Return the connection on which a request came; None: the server does not offer it."""
    extensions: dict[str, Any] = scope.get("extensions") or {}
    return extensions.get(CONNECTION)


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
