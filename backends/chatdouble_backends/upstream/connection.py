"""The way to an upstream: one pool of connections, and answers whose bytes are passed on as they are."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Final, TypeVar

import httpx2

from chatdouble.backend import Call
from chatdouble.core.errors import ClientLeftError
from chatdouble_backends.upstream.errors import troubles
from chatdouble_backends.upstream.target import Target

_CONNECT: Final = 10.0
"""Seconds until a connection stands; the official client waits 5 itself and then tries again."""

_T = TypeVar("_T")


class Connection:
    """Asks one upstream, and nobody else: redirects are answers like any other.

    Proxies and certificates are those of the environment (`HTTPS_PROXY`, `NO_PROXY`, `SSL_CERT_FILE`, `SSL_CERT_DIR`).

    Args:
        target: The upstream.
        timeout: Seconds without a byte after which it is given up.
    """

    def __init__(self, target: Target, timeout: float) -> None:
        self._target = target
        self._timeout = timeout

    @cached_property
    def _client(self) -> httpx2.AsyncClient:
        """The pool; made in the event loop that uses it."""
        return httpx2.AsyncClient(
            http2=True,
            timeout=httpx2.Timeout(self._timeout, connect=min(_CONNECT, self._timeout)),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=100),
            # One client's cookies are not another's.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )

    async def ask(self, call: Call, *, readable: bool) -> httpx2.Response:
        """Send a call on, and return the answer when its head is there; whoever gets it closes it.

        Args:
            call: The call.
            readable: Whether the answer must not be in an encoding that only the client can undo.

        Raises:
            APIError: The upstream cannot be reached, or does not answer.
            ClientLeftError: The client went before.
        """
        request = self._target.request(call, readable=readable)
        with troubles(self._target.origin):
            return await _while_there(call, self._client.send(request, stream=True, auth=None))

    async def bytes(self, response: httpx2.Response) -> AsyncGenerator[bytes]:
        """Return an answer's bytes as they arrive, packed as they are.

        Raises:
            APIError: The upstream broke off.
        """
        with troubles(self._target.origin):
            async for data in response.aiter_raw():
                yield data

    async def aclose(self) -> None:
        """Close all connections."""
        if "_client" in self.__dict__:
            await self._client.aclose()


class Passage(AsyncIterator[bytes]):
    """An answer on its way. Closing it, begun or not, lets the upstream know that nobody listens.

    Args:
        pieces: Its bytes.
        response: The answer.
    """

    def __init__(self, pieces: AsyncGenerator[bytes], response: httpx2.Response) -> None:
        self._pieces = pieces
        self._response = response

    async def __anext__(self) -> bytes:
        """Return the next bytes."""
        return await anext(self._pieces)

    async def aclose(self) -> None:
        """End the exchange."""
        await self._pieces.aclose()
        await self._response.aclose()


async def _while_there(call: Call, work: Coroutine[Any, Any, _T]) -> _T:
    """Do something for as long as the client is there.

    Raises:
        ClientLeftError: It left.
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
