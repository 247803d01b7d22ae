"""The way an answer takes to its client."""

import asyncio
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from chatdouble.wire.shutdown import Shutdown


def _now() -> float:
    return asyncio.get_running_loop().time()


@dataclass(slots=True)
class Channel:
    """One request's ASGI arguments, and since when it waits; make it as soon as the request comes.

    Attributes:
        scope: The ASGI scope; its extensions may offer the connection, see `chatdouble.connection`.
        receive: Says when the client leaves.
        send: Sends to the client.
        shutdown: Ends answers when the server stops; None: nobody does.
        started: When the request came, by the event loop's clock, in seconds: the steady one, unless the loop says
            otherwise.
    """

    scope: Scope
    receive: Receive
    send: Send
    shutdown: Shutdown | None = None
    started: float = field(default_factory=_now)

    async def gone(self) -> None:
        """Return when the client has left; only to be asked once its request is whole, and while nobody else does."""
        while (await self.receive())["type"] != "http.disconnect":
            pass

    def elapsed(self) -> float:
        """Return the seconds since the request came."""
        return _now() - self.started
