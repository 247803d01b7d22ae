"""What a server may offer an application beside ASGI: the connection on which its request came."""

from collections.abc import Callable
from typing import Any, Final, Protocol

from starlette.types import Scope

CONNECTION: Final = "chatdouble.connection"
"""The key of the connection in `scope["extensions"]`, for as long as the request is being answered."""


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
