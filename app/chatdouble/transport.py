"""The socket's side of HTTP: head and first bytes of a response in one write, and connections that reset."""

import inspect
import socket
import struct
import sys
from asyncio import Protocol, Transport
from typing import Any, Final, Literal, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

ABORT: Final = "chatdouble.abort"
"""The key in `scope["extensions"]` of the callable that resets the request's connection."""

HANG_UP: Final = "chatdouble.hangup"
"""The key of the callable that closes it in order: what was sent arrives, what is missing is missed."""

LINGER_NOT: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends RST, and what was not yet sent is dropped."""


def reset(transport: Transport) -> None:
    """Close a connection so that its client sees "connection reset by peer", not an orderly end."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    transport.abort()


class Gathering(Transport):
    """Stands before a transport and keeps what is written until it is flushed or closed."""

    def __init__(self, transport: Transport) -> None:
        super().__init__()
        self._transport = transport
        self._pieces: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep these bytes."""
        self._pieces.append(data)

    def flush(self) -> None:
        """Write everything that was kept, at once."""
        if self._pieces:
            pieces, self._pieces = self._pieces, []
            self._transport.write(b"".join(pieces))

    def close(self) -> None:
        """Write what was kept and close the connection in order."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once; what was kept is dropped."""
        self._pieces.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        """Say whether the connection is closing."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows of its connection."""
        return self._transport.get_extra_info(name, default)


class OneWriteCycle(RequestResponseCycle):
    """A request and its response; the head waits for the first body event, even an empty one."""

    _head: Any = None

    async def send(self, message: Any) -> None:
        """Send an ASGI event; `http.response.start` leaves with the event after it."""
        if message["type"] == "http.response.start" and self._head is None and not self.response_started:
            self._head = message
            return
        if self._head is None:
            await super().send(message)
            return
        head, self._head = self._head, None
        await self._send_together(head, message)

    async def _send_together(self, head: Any, message: Any) -> None:
        transport = self.transport
        gathering = Gathering(transport)
        self.transport = gathering
        try:
            await super().send(head)
            await super().send(message)
        finally:
            self.transport = transport
            gathering.flush()

    async def send_500_response(self) -> None:
        """Answer for an application that failed; a head that has not left is forgotten."""
        self._head = None
        await super().send_500_response()

    def abort(self) -> None:
        """Reset the connection: nothing more is sent, and `receive` tells of the disconnect."""
        self._leave()
        reset(self.transport)

    def hang_up(self) -> None:
        """Close the connection once what was written has left; a response that is not whole stays so."""
        self._leave()
        self.transport.close()

    def _leave(self) -> None:
        self.disconnected = True
        self.message_event.set()


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol with cycles that write once and can end their connection early."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.__class__ = OneWriteCycle
        scope: Any = cycle.scope
        ours = cast("OneWriteCycle", cycle)
        scope["extensions"] = {ABORT: ours.abort, HANG_UP: ours.hang_up}
        super()._start_asgi_task(cycle, app)


def fits(protocol: type[Any], cycle: type[Any]) -> bool:
    """Say whether uvicorn's private parts are still those that `OneWriteProtocol` overrides."""
    start = getattr(protocol, "_start_asgi_task", None)
    return (
        start is not None
        and list(inspect.signature(start).parameters) == ["self", "cycle", "app"]
        and {"scope", "transport", "message_event"} <= set(inspect.signature(cycle).parameters)
        and all(inspect.iscoroutinefunction(getattr(cycle, n, None)) for n in ("send", "send_500_response"))
    )


def protocol() -> type[Protocol] | Literal["auto"]:
    """Return what `uvicorn.Config` takes as `http`: ours, or uvicorn's own choice if ours no longer fits."""
    return OneWriteProtocol if fits(HttpToolsProtocol, RequestResponseCycle) else "auto"
