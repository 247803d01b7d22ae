"""An upstream on a real socket, whose behaviour a test defines, and which keeps the requests that it receives."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from starlette.types import Receive, Scope, Send

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running

Pairs = list[tuple[bytes, bytes]]
STREAM: Pairs = [(b"content-type", b"text/event-stream; charset=utf-8")]
JSON: Pairs = [(b"content-type", b"application/json")]
PATH = "/v1/chat/completions"
SAYS_JSON = {"content-type": "application/json", "authorization": "Bearer sk-test"}
REQUEST = b'{"model": "gpt-4o",\n "messages": [{"role": "user", "content": "Hello!"}]}'
COMPLETION = b"""{
  "id": "chatcmpl-up",
  "object": "chat.completion",
  "created": 1,
  "model": "m",
  "note": "{{ no template }} {% nor this %}",
  "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}]
}
"""


@dataclass(frozen=True)
class ReceivedRequest:
    """A request that the upstream received.

    Attributes:
        method: The method.
        path: The path.
        query: The query.
        headers: The headers in order, names in lower case.
        body: The body.
    """

    method: str
    path: str
    query: bytes
    headers: Pairs
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the value of a header; None if the request does not have it."""
        return next((value.decode() for held, value in self.headers if held == name.encode()), None)

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return orjson.loads(self.body)


class Responder:
    """Sends the response to one request."""

    def __init__(self, request: ReceivedRequest, receive: Receive, send: Send) -> None:
        self.request = request
        self._receive = receive
        self._send = send

    async def head(self, status: int = 200, headers: Pairs | None = None) -> None:
        """Send the status and the headers."""
        await self._send({"type": "http.response.start", "status": status, "headers": headers or []})

    async def piece(self, data: bytes, *, more: bool = True) -> None:
        """Send a piece of the body."""
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def whole(self, status: int, headers: Pairs, body: bytes) -> None:
        """Send a whole response with its content length."""
        length = [] if status in (204, 304) else [(b"content-length", b"%d" % len(body))]
        await self.head(status, [*headers, *length])
        await self.piece(body, more=False)

    async def stream(self, pieces: Iterable[bytes], headers: Pairs = STREAM) -> None:
        """Send a whole stream, each piece in a write of its own."""
        await self.head(200, headers)
        for data in pieces:
            await self.piece(data)
        await self.piece(b"", more=False)

    async def left(self) -> None:
        """Wait until the client has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


Behaviour = Callable[[Responder], Awaitable[None]]


@dataclass
class Upstream:
    """A running upstream.

    Attributes:
        behaviour: Responds to requests; may be replaced while the upstream runs.
        port: Its port on 127.0.0.1.
        received: The requests that it received, in order.
    """

    behaviour: Behaviour
    port: int = 0
    received: list[ReceivedRequest] = field(default_factory=list[ReceivedRequest])

    @property
    def origin(self) -> str:
        """The URL without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """The URL to give to `--upstream`."""
        return f"{self.origin}/v1"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        body = b"".join([data async for data in _body(receive)])
        headers = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
        request = ReceivedRequest(scope["method"], scope["path"], scope["query_string"], headers, body)
        self.received.append(request)
        await self.behaviour(Responder(request, receive, send))


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


@contextmanager
def upstream(behaviour: Behaviour, **options: Any) -> Generator[Upstream]:
    """Run an upstream on a free port until the context ends; the options are uvicorn's."""
    # With the protocol given, asyncio turns Nagle's algorithm off; otherwise every answer would take 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    made = Upstream(behaviour, listener.getsockname()[1])
    quiet = {"log_config": None, "lifespan": "off", "access_log": False, "date_header": False}
    settings: dict[str, Any] = quiet | options
    server = uvicorn.Server(uvicorn.Config(made, timeout_graceful_shutdown=1, **settings))
    ready = threading.Event()

    async def serve() -> None:
        serving = asyncio.ensure_future(server.serve(sockets=[listener]))
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event for it
            await asyncio.sleep(0.001)
        ready.set()
        await serving

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="upstream", daemon=True)
    thread.start()
    ready.wait()
    try:
        yield made
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def relaying(above: Upstream, **settings: Any) -> Generator[RunningServer]:
    """Run a double that relays to an upstream."""
    given: dict[str, Any] = {"upstream": above.base_url, "mode": "passthrough"} | settings
    with running(Settings(**given)) as served:
        yield served


@contextmanager
def opened(origin: str, body: bytes) -> Generator[HTTPResponse]:
    """Send a request, and return the response as soon as its head has arrived."""
    connection = HTTPConnection(origin.removeprefix("http://"), timeout=30)
    try:
        connection.request("POST", PATH, body, SAYS_JSON)
        yield connection.getresponse()
    finally:
        connection.close()


@contextmanager
def recording(
    folder: Path, behaviour: Behaviour, mode: str = "record", **settings: Any
) -> Generator[tuple[Upstream, RunningServer]]:
    """Run an upstream, and a double that uses it and a folder of recordings."""
    with upstream(behaviour) as above:
        given: dict[str, Any] = {"upstream": above.base_url, "mode": mode, "recordings": folder} | settings
        with running(Settings(**given)) as served:
            yield above, served


def recording_names(folder: Path) -> list[str]:
    """Return the file names of the recordings in a folder."""
    return sorted(path.name for path in folder.glob("*.yaml"))


def counting(status: int = 200) -> Behaviour:
    """Return a behaviour that answers each request with its number."""
    count = 0

    async def behave(answer: Responder) -> None:
        nonlocal count
        count += 1
        await answer.whole(status, JSON, b'{"n": %d}' % count)

    return behave


def answering(status: int, headers: Pairs, body: bytes) -> Behaviour:
    """Return a behaviour that gives every request the same answer."""

    async def behave(answer: Responder) -> None:
        await answer.whole(status, headers, body)

    return behave


def streaming(*pieces: bytes, headers: Pairs = STREAM) -> Behaviour:
    """Return a behaviour that streams the same pieces to every request."""

    async def behave(answer: Responder) -> None:
        await answer.stream(pieces, headers)

    return behave


def chunk(content: str | None, **choice: Any) -> bytes:
    """Return the frame of a chunk with some content."""
    made = {"index": 0, "delta": {} if content is None else {"content": content}, "finish_reason": None, **choice}
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [made]}
    return b"data: %b\n\n" % orjson.dumps(body)


DONE = b"data: [DONE]\n\n"
HELLO = (chunk("Hel"), chunk("lo"), chunk(None, finish_reason="stop"), DONE)
