"""A request on a connection and its response, whose head is sent in one write with the first bytes of the body."""

import socket
import struct
import sys
from asyncio import CancelledError, Transport
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chatdouble.backend.delivery import CONNECTION
from chatdouble.server.uvicorn_protocol.events import OneWaiterEvent, Ticker

_CONTROLS: Final = bytes([*range(9), *range(10, 32), 127])
"""Characters that no header may contain: controls other than the tab."""
_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding", b"connection"})
"""The headers that declare how the response ends."""
_COPIED: Final = 8 * 1024
"""The bytes up to which a piece of a body is copied, so that it is written as one with what surrounds it."""
_PATIENT: Final = 128 * 1024
"""The bytes up to which the last piece of a body waits for other responses."""
_STATUS_LINES: Final = {status.value: b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}

_PROBE: Final = b"H"
"""The first byte of any response."""

_TICKER: Final = "chatdouble.ticker"
"""The key of the ticker in a server's state."""

_LINGER_NOT: Final = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
"""SO_LINGER with a timeout of 0: closing sends RST and drops unsent data."""


def _reset(transport: Transport) -> None:
    """Close a connection so that the client sees "connection reset by peer"."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    transport.abort()


class Cycle(RequestResponseCycle):
    """uvicorn's request and response. The head waits for the first event of the body, even an empty one.

    The application finds the connection in `scope["extensions"]["chatdouble.connection"]`. There is no access log.

    Args:
        protocol: The connection's protocol, which has read the request's head.
        keep_alive: Whether the client keeps the connection open.
    """

    def __init__(self, protocol: HttpToolsProtocol, *, keep_alive: bool) -> None:
        # Not uvicorn's __init__, which takes the protocol's attributes one by one.
        self.scope = protocol.scope
        self.transport = protocol.transport
        self.flow = protocol.flow
        self.logger = protocol.logger
        self.default_headers = protocol.server_state.default_headers
        self.on_response = protocol.on_response_complete
        self.message_event: Any = OneWaiterEvent()
        self.disconnected = False
        self.keep_alive = keep_alive
        # HTTP/1.0 has no 100 Continue (RFC 9110, 10.1.1).
        self.waiting_for_100_continue = protocol.expect_100_continue and self.scope["http_version"] != "1.0"
        self.body = bytearray()
        self.more_body = True
        self.response_started = False
        self.response_complete = False
        self.chunked_encoding = None
        self._ends_with_connection = False
        self.expected_content_length = 0
        self.head = b""
        self._probed = False
        self.unheard = False
        self._last: Sequence[bytes] = ()
        self._soon = protocol.loop.call_soon
        self.at = ticker_of(protocol).at
        self._left: Callable[[], None] | None = None

    async def run_asgi(self, app: Any) -> None:
        """Run the application, and close a response that it leaves open."""
        scope: Any = self.scope
        scope["extensions"] = extensions = {CONNECTION: self}
        try:
            await app(scope, self.receive, self.send)
        except CancelledError:  # the server stops
            self.transport.abort()
            raise
        except BaseException:
            self.logger.exception("Exception in ASGI application\n")
            await self._fail()
        else:
            if not self.response_complete and not self.disconnected:
                self.logger.error("ASGI callable returned without completing response.")
                await self._fail()
        finally:
            # They refer to this object: without a cycle, requests need no garbage collection.
            extensions.clear()
            self.on_response = _nothing

    async def _fail(self) -> None:
        if self.response_started:
            self._close()
        else:
            await self.send_500_response()

    async def send(self, message: Any) -> None:
        """Send an ASGI event once the client has room for it."""
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if self.disconnected:
            return
        wanted = "http.response.body" if self.response_started else "http.response.start"
        if self.response_complete or message["type"] != wanted:
            raise RuntimeError(f"Expected no ASGI message {message['type']!r} at this point of a response.")
        if self.response_started:
            self._continue(message.get("body", b""), more=message.get("more_body", False))
        else:
            self.head = self._head(message["status"], [*self.default_headers, *message.get("headers", ())])
            if self._probed:
                self.head = self.head[len(_PROBE) :]
            self.response_started = True
            self.waiting_for_100_continue = False

    def _head(self, status: int, headers: Sequence[tuple[bytes, bytes]]) -> bytes:
        """Return a response's head, and note the framing that it declares.

        Args:
            status: The HTTP status.
            headers: The headers, names in lower case.

        Raises:
            RuntimeError: A name or value has control characters; a line end would begin another header.
        """
        lines = b"\r\n".join([*map(b": ".join, headers), b""])
        if len(lines) - len(lines.translate(None, _CONTROLS)) != 2 * len(headers):
            raise RuntimeError("Invalid HTTP header.")
        closes = False
        for header in headers:
            if header[0] in _FRAMING:
                closes = self._note(*header) or closes
        if not self.keep_alive and not closes:
            lines += b"connection: close\r\n"
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in {204, 304}:
            if self.scope["http_version"] == "1.0":
                self._ends_with_connection = True  # HTTP/1.0 has no chunks (RFC 9112, 6.1)
            else:
                self.chunked_encoding = True
                lines += b"transfer-encoding: chunked\r\n"
        return b"%b%b\r\n" % (_STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status, lines)

    def _note(self, name: bytes, value: bytes) -> bool:
        """Note the framing that a header declares; return whether it closes the connection."""
        if name == b"connection":
            closes = b"close" in [token.lower().strip() for token in value.split(b",")]
            self.keep_alive = self.keep_alive and not closes
            return closes
        if name == b"transfer-encoding":
            if value.lower() == b"chunked":
                self.expected_content_length, self.chunked_encoding = 0, True
        elif self.chunked_encoding is None:
            self.expected_content_length, self.chunked_encoding = int(value), False
        return False

    def _continue(self, body: bytes, *, more: bool) -> None:
        """Write a piece of the body, preceded by the head if that has not been written."""
        before = after = b""
        if self.scope["method"] == "HEAD":
            self.expected_content_length, body = 0, b""
        elif self._ends_with_connection:
            pass
        elif self.chunked_encoding:
            if body:
                before, after = b"%x\r\n" % len(body), b"\r\n"
            if not more:
                after += b"0\r\n\r\n"
        else:
            self.expected_content_length -= len(body)
            if self.expected_content_length < 0:
                raise RuntimeError("Response content longer than Content-Length")
        before, self.head = self.head + before, b""
        # A long piece leaves with what surrounds it as it is, in one system call: a copy of it takes longer. Nothing
        # empty comes last, which asyncio would try to send forever (Python 3.12 and 3.13).
        data = (before + body + after,) if len(body) <= _COPIED else (before, body, after) if after else (before, body)
        if more:
            self._write(data)
        else:
            self._finish(data)

    def _finish(self, data: Sequence[bytes]) -> None:
        """Write the end of the response, and release the connection for the next request."""
        if self.expected_content_length:
            self._write(data)
            raise RuntimeError("Response content shorter than Content-Length")
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self._write(data)
            self.transport.close()
        elif len(data) > 1 and len(data[1]) > _PATIENT:  # while it waited, it would keep its memory from others
            self._write(data)
        else:
            self._last = data
            self._soon(self.let_leave)
        self.on_response()

    def let_leave(self) -> None:
        """Write the rest of the response.

        The end of a response, unless it is very long, waits for the end of the event loop's turn, so that responses
        that are ready in one turn are sent together and a client with many requests is woken once.
        """
        if self._last and not self.transport.is_closing():
            self._write(self._last)
        self._last = ()

    def _write(self, data: Sequence[bytes]) -> None:
        if len(data) == 1:
            self.transport.write(data[0])
        else:
            self.transport.writelines(data)

    def _close(self) -> None:
        """Close the connection after what was written."""
        if self.head:
            self.transport.write(self.head)
            self.head = b""
        self.transport.close()

    def write(self, body: bytes) -> bool:
        """Write a piece of the body directly; return False before the head, and while the client reads slowly."""
        if not self.response_started or self.head or self.flow.write_paused or self.disconnected:
            return False
        if self.chunked_encoding and body:
            self.transport.write(b"%x\r\n%b\r\n" % (len(body), body))
        else:
            self._continue(body, more=True)
        return True

    def watch(self, left: Callable[[], None] | None) -> None:
        """Set what is called when the client leaves; it is called at once if the client has left."""
        self._left = left
        if self.disconnected:
            self.lose()

    def probe(self) -> bool:
        """Write a byte that the response can continue, whatever it will be; return False if there is none.

        A client that is gone answers with a reset.
        """
        if self.response_started and not self.head:
            if self.chunked_encoding:
                self.transport.write(b"0")  # the size of the next chunk may begin with zeros
            return bool(self.chunked_encoding)
        self.head = self.head[len(_PROBE) :]
        self._probed, self.waiting_for_100_continue = True, False
        self.transport.write(_PROBE)
        return True

    def break_off(self, error: Exception) -> None:
        """Have the application receive an error in place of the rest of the request's body, and close afterwards."""
        self.keep_alive = False
        self.message_event.fail(error)

    def lose(self) -> None:
        """Note that the client has left, and call the watcher."""
        self.unheard = not self.disconnected and (not self.response_started or bool(self.head))
        self._leave()
        if self._left:
            left, self._left = self._left, None
            left()

    def hang_up(self) -> None:
        """Close the connection after what was written; an incomplete response stays incomplete."""
        self._leave()
        self._close()

    def reset(self) -> None:
        """Reset the connection: nothing more is sent."""
        self._leave()
        _reset(self.transport)

    def _leave(self) -> None:
        """Have `receive` report that the client has left."""
        self.disconnected = True
        self.message_event.set()


def ticker_of(protocol: HttpToolsProtocol) -> Ticker:
    """Return the ticker of a connection's server."""
    found: Ticker | None = protocol.app_state.get(_TICKER)
    if found is None:
        found = protocol.app_state[_TICKER] = Ticker(protocol.loop)
    return found


def _nothing() -> None:
    """Replace the protocol's callback, which refers to the connection."""
