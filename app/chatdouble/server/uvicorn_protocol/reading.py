"""Reading requests from a connection, within limits of size and of time."""

import math
from asyncio import Transport
from typing import Any, ClassVar, Final

import httptools
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chatdouble.core.errors import APIError
from chatdouble.server.uvicorn_protocol.events import OneWaiterEvent

MOST_HEAD: Final = 64 * 1024
"""The most bytes of a request's head, and of trailers or anything else that is not its body."""
MOST_FIELDS: Final = 100
"""The most header fields of a request."""
_PIECE: Final = 16 * 1024
"""The most bytes that are parsed at once: they may hold some hundred requests."""
_UNREAD: Final = 16 * 1024
"""The bytes that a client may leave unread, beside what the system holds, before nothing more is written to it."""
_FRAMING: Final = (b"content-length", b"transfer-encoding")
_INVALID: Final = "Invalid HTTP request received."


class Flow(FlowControl):
    """uvicorn's flow control with a smaller event, since few clients are ever slow.

    Args:
        transport: The connection.

    Attributes:
        held: Whether bytes that were read wait to be parsed, so that no more are read.
    """

    def __init__(self, transport: Transport) -> None:
        super().__init__(transport)
        self._is_writable_event: Any = OneWaiterEvent(heard=True)
        self.held = False

    def resume_reading(self) -> None:
        """Read again, unless bytes wait."""
        # Asked twice for each request, of connections that are hardly ever paused.
        if self.read_paused and not self.held:
            super().resume_reading()


class RequestReader(HttpToolsProtocol):
    """uvicorn's protocol, of which a client can neither fill the memory nor hold a connection.

    - A head has at most 64 KiB and 100 fields.
    - Requests that were sent together are parsed a few at a time; the rest waits as bytes, and no more are read.
    - A head has to be whole, and each piece of a body to arrive, within the read timeout.
    - Nobody accepts an upgrade, so its header means nothing (RFC 9110, 7.8). The parser takes it for accepted, and what
      follows for no part of the request; a parser that has not seen the header reads the body.

    An idle connection has one timer, which checks how long the connection has been idle; uvicorn starts a timer after
    each response and cancels it with the next request.

    Attributes:
        read_timeout: Seconds that a client has for a head, and for each piece of a body.
    """

    # Slots: with more attributes, Python would no longer share the dictionary's keys among connections.
    __slots__ = ("_began", "_error", "_fed", "_idle_since", "_malformed", "_progress", "_rest")

    read_timeout: ClassVar[float] = 60.0
    flow: Any
    pipeline: Any
    _began: float
    """The arrival of the first bytes of the newest head."""
    _error: APIError
    """The reason why nothing more is read."""
    _fed: int
    """Bytes that were parsed since the newest head, or piece of a body, was whole."""
    _idle_since: float
    """The time by the loop's clock since which the connection is idle; infinity: it is not."""
    _malformed: bool
    """True once the client has sent something that is refused as no request; nothing more is read."""
    _progress: float
    """The last arrival of bytes."""
    _rest: bytes
    """Bytes that wait until the requests before them are answered."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Accept a connection."""
        super().connection_made(transport)
        self.flow = Flow(transport)
        transport.set_write_buffer_limits(high=_UNREAD)
        self.pipeline = []  # few connections need uvicorn's deque, which takes 760 bytes
        self._malformed, self._fed, self._rest = False, 0, b""
        self._idle_since = self._began = self._progress = self.loop.time()
        self._look_in(min(self.timeout_keep_alive, self.read_timeout))

    def data_received(self, data: bytes) -> None:
        """Read data."""
        if self._malformed:
            return
        self._progress = now = self.loop.time()
        if self._idle_since != math.inf:
            self._idle_since, self._began = math.inf, now
        if self._rest or len(data) > _PIECE:
            self._rest = self._rest + data if self._rest else data
            self._read_rest()
        else:
            self._feed(data)

    def _read_rest(self) -> None:
        """Parse what waits, until a request has to wait for an answer."""
        rest, at, self._began = memoryview(self._rest), 0, self.loop.time()
        while at < len(rest) and not (self.pipeline or self._malformed or self.transport.is_closing()):
            self._feed(rest[at : at + _PIECE])
            at += _PIECE
        self._rest = b"" if self._malformed else bytes(rest[at:])
        self.flow.held = bool(self._rest)
        if self._rest:
            self.flow.pause_reading()

    def _feed(self, data: bytes | memoryview) -> None:
        """Have the parser read."""
        if self.timeout_keep_alive_task is None:
            self._look_in(self.read_timeout)
        while data and not self._malformed:
            self._fed += len(data)
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:
                data = data[upgrade.args[0] :]
                self._fed = 0
                self._read_on()
                continue
            except httptools.HttpParserError as error:
                cause = error.__cause__ or error.__context__
                self._refuse(cause if isinstance(cause, APIError) else APIError(_INVALID))
            else:
                if self._fed > MOST_HEAD:
                    self._refuse(_too_large())
            return

    def _read_on(self) -> None:
        """Read the body of a request with an upgrade, if it has one, with a parser that has not seen the upgrade."""
        framing = [b"%b: %b\r\n" % header for header in self.scope["headers"] if header[0] in _FRAMING]
        if framing:
            self.parser = httptools.HttpRequestParser(_BodyFirst(self))
            self.parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n" % b"".join(framing))

    def _refuse(self, error: APIError) -> None:
        """Refuse what is no request."""
        self._malformed, self._error = True, error
        self.logger.warning("%s", error.message)
        self.send_400_response(error.message)

    def check_head(self) -> None:
        """Check the size of a head that is whole.

        Raises:
            APIError: 431: it is too large.
        """
        # What precedes the head in its first piece was counted, too, and what came with the request before was not.
        may_be_large, self._fed = self._fed > MOST_HEAD - _PIECE, 0
        if len(self.headers) > MOST_FIELDS or (may_be_large and self._head_size() > MOST_HEAD):
            raise _too_large()

    def name_host(self, name: bytes, port: int | None) -> None:
        """Take the host in a request's target for the one in its headers (RFC 9112, 3.2.2)."""
        self.headers[:] = [header for header in self.headers if header[0] != b"host"]
        self.headers.append((b"host", name if port is None else b"%b:%d" % (name, port)))

    def _head_size(self) -> int:
        return len(self.url) + sum(len(name) + len(value) + len(b": \r\n") for name, value in self.headers)

    def on_body(self, body: bytes) -> None:
        """Keep a piece of a body."""
        self._fed = 0
        HttpToolsProtocol.on_body(self, body)  # `super()` takes four times as long

    def on_message_complete(self) -> None:
        """Note that a request is whole, unless the parser only thinks so because of an upgrade."""
        if self.parser.should_upgrade() and any(name in _FRAMING for name, _ in self.scope["headers"]):
            return
        self._fed, self._began = 0, self._progress
        HttpToolsProtocol.on_message_complete(self)  # as above

    def _unset_keepalive_if_required(self) -> None:
        self._idle_since = math.inf

    def _look_in(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(seconds, self.timeout_keep_alive_handler)

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if it was idle, or its client has sent nothing, for the whole time."""
        self.timeout_keep_alive_task = None
        if self.transport.is_closing():
            return
        left = self._deadline() - self.loop.time()
        if left == math.inf and not self.flow.read_paused:
            return  # what comes next sets a timer, so that thousands of slow answers have none
        if left > 0:
            self._look_in(min(left, self.timeout_keep_alive, self.read_timeout))
        elif self._idle_since != math.inf:
            super().timeout_keep_alive_handler()
        else:
            self._refuse(APIError(f"The request was not sent within {self.read_timeout:g} seconds.", status=408))

    def _deadline(self) -> float:
        """Return when the connection closes if the client does nothing; infinity: it waits for an answer."""
        if self._idle_since != math.inf:
            return self._idle_since + self.timeout_keep_alive
        if self._malformed or self.flow.read_paused:
            return math.inf
        scope: Any = self.scope
        if scope is None or "method" not in scope:
            return self._began + self.read_timeout
        newest: Any = self.cycle
        return self._progress + self.read_timeout if newest.more_body and not newest.response_complete else math.inf


class _BodyFirst:
    """Receiver of a parser's events that passes a request's body on but not its head, and later requests whole.

    Args:
        reader: Reads the connection.
    """

    def __init__(self, reader: RequestReader) -> None:
        self._reader = reader
        self._in_first_head = True
        self.on_body = reader.on_body
        self.on_message_complete = reader.on_message_complete

    def on_message_begin(self) -> None:
        if not self._in_first_head:
            self._reader.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if not self._in_first_head:
            self._reader.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_first_head:
            self._reader.on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._in_first_head:
            self._in_first_head = False
        else:
            self._reader.on_headers_complete()


def _too_large() -> APIError:
    return APIError(
        f"The head of the request is too large: it may have {MOST_HEAD} bytes and {MOST_FIELDS} fields.",
        status=431,
        code="head_too_large",
    )
