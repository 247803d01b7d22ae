"""Large requests: how long another client waits meanwhile, and what memory is left taken after each."""

import http.client
import json
import multiprocessing
import os
import socket
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from zlib import compress

from bench.payloads import CHAT, RESPONSES, WHOLE
from bench.process import HOST, Running, on_core, running
from bench.servers import shipped
from bench.suite import Plan

T = TypeVar("T")

_ROUNDS: Final = 3
_CONTROL: Final = "bench-control"
_HEALTH: Final = b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n"
_PAUSE: Final = 0.0005
"""Seconds between two requests of the client that waits."""
SETTLING: Final = 0.5
"""Seconds in which the server frees what a request took."""
_NICE: Final = 10
"""The client of the large request gives way to the one that waits."""
_PATIENCE: Final = 120.0


@dataclass(frozen=True, slots=True)
class Large:
    """A large request.

    Attributes:
        name: Its name in the results.
        body: Makes the body; None: it has none.
        path: The URL path.
        method: The HTTP method.
        key: The key.
        first: The name of another one that is sent before, and not measured.
    """

    name: str
    body: Callable[[], Any] = lambda: None
    path: str = CHAT
    method: str = "POST"
    key: str = "sk-large"
    first: str = ""

    def encoded(self) -> bytes | None:
        """Return the body's bytes."""
        body = self.body()
        return body if body is None or isinstance(body, bytes) else json.dumps(body).encode()


def _asking(content: Any, **more: Any) -> dict[str, Any]:
    return {"model": "gpt-4o", "messages": [{"role": "user", "content": content}], **more}


def _formatted(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return _asking("x", response_format={"type": "json_schema", "json_schema": {"name": "a", "schema": schema, **more}})


def _closed(count: int) -> dict[str, Any]:
    names = [f"p{number}" for number in range(count)]
    properties = {name: {"type": "string"} for name in names}
    return {"type": "object", "additionalProperties": False, "required": names, "properties": properties}


def _patterned(pattern: str, count: int) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {f"p{number}": {"type": "string", "pattern": pattern} for number in range(count)},
    }


def _picture(size: int) -> list[dict[str, Any]]:
    return [{"type": "image_url", "image_url": {"url": "data:image/png;base64," + "iVBORw0K" * (size // 8)}}]


def _document(content: bytes) -> list[dict[str, Any]]:
    packed = b64encode(b"%PDF-1.4\nstream\n" + compress(content, 9) + b"\nendstream").decode()
    return [{"type": "file", "file": {"filename": "a.pdf", "file_data": f"data:application/pdf;base64,{packed}"}}]


def _sound(size: int) -> list[dict[str, Any]]:
    return [{"type": "input_audio", "input_audio": {"data": b64encode(b"\xff" * size).decode(), "format": "mp3"}}]


_LOGPROBS: Final = {"logprobs": True, "top_logprobs": 20}
_QUEUE: Final = "/_double/queue"
_REQUESTS: Final = "/_double/requests"
_LONG_STREAM: Final = "8,000 words with 20 log probabilities each, as a stream"

REQUESTS: Final = (
    Large("100,000 messages without anything", lambda: {**_asking("x"), "messages": [dict[str, Any]()] * 100_000}),
    Large("250,000 unknown parameters", lambda: {f"k{number}": 1 for number in range(250_000)}),
    Large("a million unknown parameters", lambda: {f"k{number}": 1 for number in range(1_000_000)}),
    Large("100,000 levels of arrays", lambda: b'{"messages":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    Large("2,000 messages", lambda: {**_asking("x"), "messages": _asking("hello there")["messages"] * 2000}),
    Large("a text of 24 MB", lambda: _asking("hello there " * 2_000_000)),
    Large("an image of 30 MB", lambda: _asking(_picture(30_000_000))),
    Large("a text of 30 MB that is no UTF-8", lambda: b'{"messages":"' + b"\xff" * 30_000_000 + b'"}'),
    Large("a number of 30 MB", lambda: b'{"seed":' + b"1" * 30_000_000 + b"}"),
    Large("60 MB of blanks", lambda: b'{"model":"gpt-4o",' + b" " * 60_000_000 + b'"messages":[]}'),
    Large("60 MB of words, no JSON", lambda: b"hello " * 10_000_000),
    Large("a role of 30 MB", lambda: {**_asking("x"), "messages": [{"role": "r" * 30_000_000}]}),
    Large("1,900,000 empty objects", lambda: _asking("x", x=[dict[str, Any]()] * 1_900_000)),
    Large("4,900,000 numbers", lambda: _asking("x", x=[1.25] * 4_900_000)),
    Large("a PDF of 30 KB that unpacks to digits", lambda: _asking(_document(b"BT Tf " + b"1" * 20_000_000))),
    Large("200 KB of sound without a frame", lambda: {**_asking(_sound(150_000)), "model": "gpt-4o-audio-preview"}),
    Large("a strict schema of 4,000 properties", lambda: _formatted(_closed(4000), strict=True)),
    Large("a pattern of 20,000 characters", lambda: _formatted(_patterned("^[a-f0-9]{20000}$", 1))),
    Large("six patterns with lookaheads", lambda: _formatted(_patterned("^(?=.*foo)(?=.*bar)[a-z]{6,}$", 6))),
    Large("`n: 128` of 2,000 words", lambda: _asking("word " * 2000, n=128)),
    Large("`n: 128` of 2,000 words, as a stream", lambda: _asking("word " * 2000, n=128, stream=True)),
    Large("16,000 words with 20 log probabilities each", lambda: _asking("word " * 16_000, **_LOGPROBS)),
    Large(_LONG_STREAM, lambda: _asking("word " * 8_000, stream=True, **_LOGPROBS)),
    Large("10,000 items", lambda: {"model": "gpt-4o", "input": _asking("hello")["messages"] * 10_000}, RESPONSES),
    Large(
        "2,048 large embeddings",
        lambda: {"model": "text-embedding-3-large", "input": ["hello there"] * 2048},
        "/v1/embeddings",
    ),
    Large("30 moderations of 500 KB", lambda: {"input": ["kill hello there " * 30_000] * 30}, "/v1/moderations"),
    Large("a queued reply of 60 MB", lambda: [{"content": "word " * 12_000_000}], _QUEUE, key="sk-queue"),
    Large("a queued reply of 100 KB", lambda: [{"content": "word " * 20_000}], _QUEUE, key="sk-queued"),
    Large(
        "its answer",
        lambda: {**_asking("x"), "model": "gpt-5"},
        key="sk-queued",
        first="a queued reply of 100 KB",
    ),
    Large(
        "its stream with `n: 128`",
        lambda: {**_asking("x", n=128, stream=True), "model": "gpt-5"},
        key="sk-queued",
        first="a queued reply of 100 KB",
    ),
    Large("a journal of that stream", path=_REQUESTS, method="GET", key="sk-journal", first=_LONG_STREAM),
    Large("its HAR", path=f"{_REQUESTS}/export?format=har", method="GET", key="sk-journal"),
    Large("its verdict", path="/_double/verdict", method="GET", key="sk-journal"),
    Large("a reset of all sessions", path="/_double/reset?session=*", key=_CONTROL),
)
"""The requests, in their order: the last ones are about those before."""


def holds(plan: Plan, _folder: Path) -> dict[str, Any]:
    """Return the bytes that each request sent and got, the longest wait of another client, and memory around it.

    Each is repeated, and the round with the least wait counts: other programs can only add to one.
    """
    rounds = min(plan.rounds, _ROUNDS)
    found: dict[str, Any] = {}
    with running(shipped("--control-key", _CONTROL), WHOLE) as server, on_core(-1):
        warm(server)
        for large in REQUESTS:
            found[large.name] = min((_measured(server, large) for _ in range(rounds)), key=lambda one: one["waited"])
    return found


def warm(server: Running) -> None:
    """Have a server import what it needs, and read its vocabulary, before anything is measured."""
    asked = _asking("Name 7 of those 4,711 zyx")
    for path, body in ((CHAT, asked), (CHAT, asked | {"stream": True}), (RESPONSES, {"model": "gpt-4o", "input": "x"})):
        _send(server.port, Large("", lambda body=body: body, path))  # type: ignore[misc]


def _measured(server: Running, large: Large) -> dict[str, Any]:
    before = server.resident()
    if large.first:
        _send(server.port, replace(next(one for one in REQUESTS if one.name == large.first), key=large.key))
    try:
        (status, sent, answered), longest = waited(server.port, partial(_send, server.port, large))
    except EOFError:
        raise RuntimeError(f"{large.name}: it was not answered") from None
    time.sleep(SETTLING)
    after = server.resident()
    return {"status": status, "sent": sent, "answered": answered, "waited": longest, "before": before, "after": after}


def waited(port: int, send: Callable[[], T]) -> tuple[T, float]:
    """Have another process send requests; return what it found, and the longest wait of a client meanwhile, in seconds.

    Raises:
        EOFError: The process failed.
    """
    outcome, told = multiprocessing.Pipe(duplex=False)
    sender = multiprocessing.get_context("fork").Process(target=_tell, args=(send, told))
    sender.start()
    told.close()  # the sender's end alone is left, so that its end is noticed
    try:
        with closing(socket.create_connection((HOST, port))) as waiting:
            longest = max(_waits(waiting, outcome))
        return outcome.recv(), longest
    finally:
        sender.join()


def _tell(send: Callable[[], object], told: Any) -> None:
    os.nice(_NICE)
    told.send(send())


def _send(port: int, large: Large) -> tuple[int, int, int]:
    """Send a request; return the status of its answer, and the bytes of both."""
    body = large.encoded()
    with closing(http.client.HTTPConnection(HOST, port, timeout=_PATIENCE)) as connection:
        headers = {"content-type": "application/json", "authorization": f"Bearer {large.key}"}
        connection.request(large.method, large.path, body, headers)
        response = connection.getresponse()
        answered = 0
        while piece := response.read(1024 * 1024):
            answered += len(piece)
        return response.status, len(body or b""), answered


def _waits(waiting: socket.socket, outcome: Any) -> Iterator[float]:
    """Yield how long each of the small requests of a client waits, until the large one was answered."""
    while True:
        asked = time.perf_counter()
        waiting.sendall(_HEALTH)
        waiting.recv(4096)
        yield time.perf_counter() - asked
        if outcome.poll():
            return
        time.sleep(_PAUSE)
