"""An upstream written by hand, on a real socket, which does what a test says and notes what it is asked."""

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
class Asked:
    """A request as it came.

    Attributes:
        method: Its method.
        path: Its path.
        query: Its query.
        headers: Its headers in order, names in lower case.
        body: Its body.
    """

    method: str
    path: str
    query: bytes
    headers: Pairs
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header's value."""
        return next((value.decode() for held, value in self.headers if held == name.encode()), None)

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return orjson.loads(self.body)


class Answering:
    """One request on its way to an answer."""

    def __init__(self, asked: Asked, receive: Receive, send: Send) -> None:
        self.asked = asked
        self._receive = receive
        self._send = send

    async def head(self, status: int = 200, headers: Pairs | None = None) -> None:
        """Send the head of the response."""
        await self._send({"type": "http.response.start", "status": status, "headers": headers or []})

    async def piece(self, data: bytes, *, more: bool = True) -> None:
        """Send some of the body."""
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def whole(self, status: int, headers: Pairs, body: bytes) -> None:
        """Send a whole answer with its length."""
        length = [] if status in (204, 304) else [(b"content-length", b"%d" % len(body))]
        await self.head(status, [*headers, *length])
        await self.piece(body, more=False)

    async def stream(self, pieces: Iterable[bytes], headers: Pairs = STREAM) -> None:
        """Send a stream."""
        await self.head(200, headers)
        for data in pieces:
            await self.piece(data)
        await self.piece(b"", more=False)

    async def left(self) -> None:
        """Wait until the client has left."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


Behaviour = Callable[[Answering], Awaitable[None]]


@dataclass
class Upstream:
    """An upstream that runs.

    Attributes:
        behaviour: What it does with a request; may be changed while it runs.
        port: Where it listens, on 127.0.0.1.
        asked: What it was asked, in order.
    """

    behaviour: Behaviour
    port: int = 0
    asked: list[Asked] = field(default_factory=list[Asked])

    @property
    def origin(self) -> str:
        """The address without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What `--upstream` takes."""
        return f"{self.origin}/v1"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = b"".join([data async for data in _body(receive)])
        headers = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
        asked = Asked(scope["method"], scope["path"], scope["query_string"], headers, body)
        self.asked.append(asked)
        await self.behaviour(Answering(asked, receive, send))


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        yield message.get("body", b"")
        if not message.get("more_body"):
            return


@contextmanager
def upstream(behaviour: Behaviour, **options: Any) -> Generator[Upstream]:
    """Serve on a free port until the context ends; the options are uvicorn's."""
    # Named TCP, or asyncio does not turn Nagle's algorithm off: every answer would take 40 ms.
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
    """Serve a double that relays to an upstream."""
    given: dict[str, Any] = {"upstream": above.base_url, "mode": "passthrough"} | settings
    with running(Settings(**given)) as served:
        yield served


@contextmanager
def opened(origin: str, body: bytes) -> Generator[HTTPResponse]:
    """Ask, and return the response as soon as its head is there."""
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
    """Serve an upstream, and before it a double with recordings in a folder."""
    with upstream(behaviour) as above:
        given: dict[str, Any] = {"upstream": above.base_url, "mode": mode, "recordings": folder} | settings
        with running(Settings(**given)) as served:
            yield above, served


def recorded(folder: Path) -> list[str]:
    """Return the names of the recordings in a folder."""
    return sorted(path.name for path in folder.glob("*.yaml"))


def counting(status: int = 200) -> Behaviour:
    """Return the behaviour of one whose every answer has the number of the request."""
    asked = 0

    async def behave(answer: Answering) -> None:
        nonlocal asked
        asked += 1
        await answer.whole(status, JSON, b'{"n": %d}' % asked)

    return behave


def answering(status: int, headers: Pairs, body: bytes) -> Behaviour:
    """Return the behaviour of one that always gives this answer."""

    async def behave(answer: Answering) -> None:
        await answer.whole(status, headers, body)

    return behave


def streaming(*pieces: bytes, headers: Pairs = STREAM) -> Behaviour:
    """Return the behaviour of one that always streams these pieces."""

    async def behave(answer: Answering) -> None:
        await answer.stream(pieces, headers)

    return behave


def chunk(content: str | None, **choice: Any) -> bytes:
    """Return the frame of a chunk with some content."""
    made = {"index": 0, "delta": {} if content is None else {"content": content}, "finish_reason": None, **choice}
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [made]}
    return b"data: %b\n\n" % orjson.dumps(body)


DONE = b"data: [DONE]\n\n"
HELLO = (chunk("Hel"), chunk("lo"), chunk(None, finish_reason="stop"), DONE)
