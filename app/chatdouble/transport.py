"""The socket's side of HTTP: head and first bytes of a response in one write, and connections that reset."""

import inspect
import re
import socket
import struct
import sys
from asyncio import Protocol, Transport
from typing import Any, Final, Literal
from weakref import ref

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chatdouble.errors import APIError
from chatdouble.wire.bodies import error_body

ABORT: Final = "chatdouble.abort"
"""The key in `scope["extensions"]` of the callable that resets the request's connection."""

HANG_UP: Final = "chatdouble.hangup"
"""The key of the callable that closes it in order: what was sent arrives, what is missing is missed."""

LINGER_NOT: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER with no time to linger: closing sends RST, and what was not yet sent is dropped."""


_H2C: Final = re.compile(rb"\r\nupgrade:[ \t]*h2c[ \t]*\r\n", re.IGNORECASE)


def reset(transport: Transport) -> None:
    """Close a connection so that its client sees "connection reset by peer", not an orderly end."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
    transport.abort()


class Corked(Transport):
    """A request's transport, which keeps the first write, the response's head, for the second.

    An empty second write is enough, so an application that wants its head sent alone sends an empty body event.

    Args:
        transport: The connection.
        cycle: The request and its response; it gets the connection itself once the head has left.
    """

    def __init__(self, transport: Transport, cycle: RequestResponseCycle) -> None:
        self._transport = transport
        self._cycle = cycle
        self._head: bytes | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Keep the head; write it with what follows it."""
        if self._head is None:
            self._head = bytes(data)
        else:
            self._cycle.transport = self._transport
            self._transport.write(self._head + data)

    def close(self) -> None:
        """Write the head, if it is kept, and close the connection in order."""
        if self._head is not None:
            self._transport.write(self._head)
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once, without the head."""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Say whether the connection is closing."""
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows of its connection."""
        return self._transport.get_extra_info(name, default)


class Ending:
    """The ways in which an application can end its request's connection early.

    Args:
        cycle: The request and its response.
    """

    def __init__(self, cycle: RequestResponseCycle) -> None:
        # The cycle's scope leads here; a circle would leave every request to the garbage collector.
        self._cycle = ref(cycle)

    def abort(self) -> None:
        """Reset the connection: nothing more is sent, and `receive` tells of the disconnect."""
        if cycle := self._left():
            reset(cycle.transport)

    def hang_up(self) -> None:
        """Close the connection once what was written has left; a response that is not whole stays so."""
        if cycle := self._left():
            cycle.transport.close()

    def _left(self) -> RequestResponseCycle | None:
        """Tell a request that its client is gone, and return it; None: it is over."""
        cycle = self._cycle()
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        return cycle


class OneWriteProtocol(HttpToolsProtocol):
    """uvicorn's protocol with responses whose head leaves with their first bytes, and that can end early.

    It stays with HTTP/1.1 where a client offers h2c, as Java's own does with every request, body and all; the parser
    would take the offer for accepted and drop the body.
    """

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        super().data_received(_H2C.sub(b"\r\n", data) if b"h2c" in data else data)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP with the API's envelope, and close the connection."""
        body, content_type = error_body(APIError(msg))
        head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: %b\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (content_type, len(body)) + body)
        self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        scope: Any = cycle.scope
        ending = Ending(cycle)
        scope["extensions"] = {ABORT: ending.abort, HANG_UP: ending.hang_up}
        # HEAD has no second write, and 100 Continue would be taken for the head.
        if scope["method"] != "HEAD" and not cycle.waiting_for_100_continue:
            cycle.transport = Corked(self.transport, cycle)
        super()._start_asgi_task(cycle, app)


def fits(protocol: type[Any], cycle: type[Any]) -> bool:
    """Say whether uvicorn's private parts are still those that `OneWriteProtocol` overrides."""
    start = getattr(protocol, "_start_asgi_task", None)
    return (
        start is not None
        and list(inspect.signature(start).parameters) == ["self", "cycle", "app"]
        and {"scope", "transport", "message_event", "expect_100_continue"} <= set(inspect.signature(cycle).parameters)
    )


def protocol() -> type[Protocol] | Literal["auto"]:
    """Return what `uvicorn.Config` takes as `http`: ours, or uvicorn's own choice if ours no longer fits."""
    return OneWriteProtocol if fits(HttpToolsProtocol, RequestResponseCycle) else "auto"
