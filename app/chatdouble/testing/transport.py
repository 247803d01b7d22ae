"""A server in this process without a socket: a transport that an OpenAI client takes in its `http_client`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import httpx2

from chatdouble.server.application import Application, create_app
from chatdouble.settings import Settings

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

_LAST: Final = None
"""The mark after the last piece of a body."""

T = TypeVar("T")


class _Exchange:
    """One request and its answer between a client and the application.

    Args:
        scope: The ASGI scope.
        body: The request's body.
    """

    def __init__(self, scope: dict[str, Any], body: bytes) -> None:
        self.scope = scope
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._body: bytes | None = body
        self._left = asyncio.Event()
        self._begun = asyncio.Event()
        self._pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self._cut: Exception | None = None

    async def begin(self, app: Application) -> None:
        """Have the application answer; return when the answer's head is there.

        Raises:
            RemoteProtocolError: The application ended without an answer, as a fault wants it.
        """
        self._task = asyncio.create_task(self._run(app))
        await self._begun.wait()
        if not self.status:
            raise httpx2.RemoteProtocolError("the server closed the connection without an answer")

    async def _run(self, app: Application) -> None:
        try:
            await app(self.scope, self._receive, self._send)
        except Exception as cut:  # noqa: BLE001 - a fault that cuts the answer, or a mistake: the client sees a cut
            await self._pieces.put(_LAST)
            self._cut = cut
        finally:
            self._begun.set()

    async def _receive(self) -> dict[str, Any]:
        body, self._body = self._body, None
        if body is not None:
            return {"type": "http.request", "body": body, "more_body": False}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], [*message["headers"]]
            self._begun.set()
            return
        if message.get("body"):
            await self._pieces.put(message["body"])
        if not message.get("more_body"):
            await self._pieces.put(_LAST)

    async def next(self) -> bytes | None:
        """Return the next piece of the answer; None after the last.

        Raises:
            RemoteProtocolError: The answer was cut.
        """
        piece = await self._pieces.get()
        if piece is _LAST and self._cut is not None:
            raise httpx2.RemoteProtocolError("the server closed the connection before the answer was complete")
        return piece

    async def close(self) -> None:
        """Leave, and wait until the application has noticed."""
        self._left.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=_PATIENCE)


_PATIENCE: Final = 5.0
"""Seconds in which the application notices that a client has left."""


class _Body(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """The body of an answer, piece by piece as the application sends it."""

    def __init__(self, transport: "Transport", exchange: _Exchange) -> None:
        self._transport = transport
        self._exchange = exchange

    def __iter__(self) -> Iterator[bytes]:
        while (piece := self._transport.call(self._exchange.next)) is not None:
            yield piece

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (piece := await self._exchange.next()) is not None:
            yield piece

    def close(self) -> None:
        """Leave."""
        self._transport.call(self._exchange.close)

    async def aclose(self) -> None:
        """Leave."""
        await self._exchange.close()


class Transport(httpx2.BaseTransport, httpx2.AsyncBaseTransport):
    """A server in this process, for synchronous and asynchronous clients.

    `OpenAI(http_client=httpx2.Client(transport=transport))`, and the same with `AsyncOpenAI` and `httpx2.AsyncClient`.
    Faults that cut connections raise the errors of httpx2.

    Args:
        settings: The server's settings.

    Raises:
        SettingsError: A setting is invalid.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.app = create_app(settings)
        self._opened: AbstractContextManager[BlockingPortal] | None = None
        self._portal: BlockingPortal | None = None

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request of a synchronous client."""
        return self.call(self._answer, request, request.read())

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request of an asynchronous client."""
        return await self._answer(request, await request.aread())

    async def _answer(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        exchange = _Exchange(_scope(request), body)
        await exchange.begin(self.app)
        return httpx2.Response(exchange.status, headers=exchange.headers, stream=_Body(self, exchange))

    def call(self, function: Callable[..., Awaitable[T]], *arguments: Any) -> T:
        """Run a coroutine on the server's own event loop, and return its result."""
        from anyio.from_thread import start_blocking_portal  # noqa: PLC0415 - asynchronous clients need none

        if self._portal is None:
            self._opened = start_blocking_portal()
            self._portal = self._opened.__enter__()
        return self._portal.call(function, *arguments)

    def close(self) -> None:
        """End the server's event loop."""
        if self._opened is not None:
            self._opened.__exit__(None, None, None)
            self._opened = self._portal = None

    async def aclose(self) -> None:
        """Do nothing: an asynchronous client has the event loop."""

    def __enter__(self) -> Self:
        """Return this transport."""
        return self


def _scope(request: httpx2.Request) -> dict[str, Any]:
    url = request.url
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("127.0.0.1", 0),
        "server": (url.host, url.port),
    }


def transport(settings: Settings | None = None) -> Transport:
    """Return a server in this process as a transport for `http_client`.

    Args:
        settings: The server's settings.

    Raises:
        SettingsError: A setting is invalid.
    """
    return Transport(settings)
