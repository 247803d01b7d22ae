"""The HTTP client for an upstream: one pool of connections, and answers whose bytes pass unchanged."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, TypeVar

import httpx2

from chatdouble.backend import Call
from chatdouble.core.errors import ClientLeftError
from chatdouble_backends.upstream.errors import header_error, upstream_errors
from chatdouble_backends.upstream.target import Target, has_controls

_CONNECT_TIMEOUT: Final = 10.0
"""Seconds to connect within; the official client waits 5 itself and then retries."""

_T = TypeVar("_T")


class UpstreamClient:
    """Sends calls to one upstream. Redirects are not followed; they are answers like any other.

    Proxies and certificates come from the environment: `HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`, `SSL_CERT_DIR`.

    Args:
        target: The upstream.
        timeout: Seconds without a byte after which a call fails.
    """

    def __init__(self, target: Target, timeout: float) -> None:
        self._target = target
        self._timeout = timeout
        self._opened: asyncio.Future[httpx2.AsyncClient] | None = None

    async def _http(self) -> httpx2.AsyncClient:
        """Return the HTTP client, which a thread makes on first use: to read all certificates takes 60 to 170 ms."""
        if self._opened is None:
            self._opened = asyncio.ensure_future(asyncio.to_thread(self._open))
        return await asyncio.shield(self._opened)

    def _open(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            http2=True,
            timeout=httpx2.Timeout(self._timeout, connect=min(_CONNECT_TIMEOUT, self._timeout)),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=100),
            # Cookies set for one caller must not be sent for another.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    async def send(self, call: Call, *, readable: bool) -> httpx2.Response:
        """Send a call and return the response once its head has arrived; the caller closes it.

        Args:
            call: The call.
            readable: Whether to ask only for content encodings that can be undone here.

        Raises:
            APIError: The upstream cannot be reached, does not answer, or answers with a header that is not legal.
            ClientLeftError: The client left first.
        """
        with upstream_errors(self._target.origin):
            response = await _unless_client_leaves(call, self._response(call, readable=readable))
        if has_controls(response.headers.raw):
            await response.aclose()
            raise header_error(self._target.origin)
        return response

    async def _response(self, call: Call, *, readable: bool) -> httpx2.Response:
        """Send a call; once more if the upstream was closing the kept connection at that moment."""
        http, connecting = await self._http(), _Connecting()
        request = self._target.request(call, readable=readable)
        request.extensions["trace"] = connecting
        try:
            return await http.send(request, stream=True, auth=None)
        except (httpx2.NetworkError, httpx2.RemoteProtocolError) as wrong:
            if connecting.began or not _is_closed(wrong):
                raise
        # The pool has dropped the connection, and looks at the others before it uses one.
        return await http.send(self._target.request(call, readable=readable), stream=True, auth=None)

    async def bytes(self, response: httpx2.Response) -> AsyncGenerator[bytes]:
        """Return a response's bytes as they arrive, their content encoding in place.

        Raises:
            APIError: The upstream broke off.
        """
        with upstream_errors(self._target.origin):
            async for data in response.aiter_raw():
                yield data

    async def aclose(self) -> None:
        """Close all connections."""
        if self._opened is not None:
            await asyncio.wait((self._opened,))
            if self._opened.exception() is None:
                await self._opened.result().aclose()


class _Connecting:
    """The pool's events of one request, which tell whether it opened a connection.

    Attributes:
        began: True as soon as it does.
    """

    def __init__(self) -> None:
        self.began = False

    async def __call__(self, event: str, _info: Mapping[str, Any]) -> None:
        """Receive an event."""
        self.began = self.began or event == "connection.connect_tcp.started"


def _is_closed(wrong: httpx2.HTTPError) -> bool:
    """Tell whether a connection was closed without an answer, rather than with one that is not HTTP."""
    return isinstance(wrong, httpx2.NetworkError) or "disconnected" in str(wrong)


class UpstreamBody(AsyncIterator[bytes]):
    """A response's body while it arrives. Closing it at any time ends the request at the upstream.

    Args:
        pieces: The body's bytes.
        response: The response.
    """

    def __init__(self, pieces: AsyncGenerator[bytes], response: httpx2.Response) -> None:
        self._pieces = pieces
        self._response = response

    async def __anext__(self) -> bytes:
        """Return the next bytes."""
        return await anext(self._pieces)

    async def aclose(self) -> None:
        """Close the body and its connection."""
        await self._pieces.aclose()
        await self._response.aclose()


async def _unless_client_leaves(call: Call, work: Coroutine[Any, Any, _T]) -> _T:
    """Await something; cancel it when the client leaves.

    Raises:
        ClientLeftError: The client left.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(call.client_gone())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientLeftError
        return working.result()
    finally:
        leaving.cancel()
        if working.cancel():
            await asyncio.wait((working,))
