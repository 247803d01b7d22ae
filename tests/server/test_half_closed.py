"""Clients that close their half after the request get their answer, and those that are gone are noticed."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any, Final

import pytest

from chatdouble.server.entry import Entry
from chatdouble.testing.server import RunningServer
from conftest import Serve
from transport_apps import LOOPS, app, body, served, start
from wires import ask

PACED: Final = {"ttft": 0.1, "tokens_per_second": 40.0}


@pytest.fixture(params=LOOPS)
def connection(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    with served(app, request.param) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        yield opened


def answers(connection: socket.socket, sent: bytes) -> bytes:
    """Send bytes, close this half of the connection, and return all that comes."""
    connection.sendall(sent)
    connection.shutdown(socket.SHUT_WR)
    return rest(connection)


def rest(connection: socket.socket) -> bytes:
    got = b""
    while piece := connection.recv(65536):
        got += piece
    return got


def test_a_whole_answer_comes(connection: socket.socket) -> None:
    got = answers(connection, ask("/hello"))
    assert got.startswith(b"HTTP/1.1 200 OK\r\n")
    assert got.endswith(b"\r\n\r\nhello")


def test_answers_to_pipelined_requests_come_in_order(connection: socket.socket) -> None:
    got = answers(connection, ask("/hello") * 3 + ask("/stream") + ask("/hello"))
    assert got.count(b"HTTP/1.1 200 OK\r\n") == 5
    assert got.count(b"\r\n\r\nhello") == 4
    assert got.index(b"three\r\n0\r\n\r\nHTTP/1.1 200 OK") < got.rindex(b"hello")


def test_a_request_that_is_not_whole_gets_no_answer_but_those_before_it_do(connection: socket.socket) -> None:
    got = answers(connection, ask("/hello") * 2 + ask("/size", "POST", "content-length: 9") + b"half")
    assert got.count(b"HTTP/1.1 ") == got.count(b"hello") == 2


def test_a_connection_that_is_closed_between_requests_closes(connection: socket.socket) -> None:
    connection.sendall(ask("/hello"))
    assert connection.recv(65536).endswith(b"hello")
    assert answers(connection, b"") == b""


class Waiting:
    """An application that answers a part, if any, and then waits until its client has left."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.left = threading.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""
        await receive()
        if scope["path"] == "/part":
            await send(start(200))
            await send(body(b"part", more=True))
        self.begun.set()
        assert (await receive())["type"] == "http.disconnect"
        self.left.set()


@pytest.mark.parametrize("path", ["/", "/part"])
@pytest.mark.parametrize("loop", LOOPS)
def test_a_client_that_is_gone_is_noticed_though_nothing_is_sent(loop: Any, path: str) -> None:
    waiting = Waiting()
    with served(waiting, loop) as port:
        with socket.create_connection(("127.0.0.1", port)) as gone:
            gone.sendall(ask(path))
            assert waiting.begun.wait(30)
            if path == "/part":
                assert gone.recv(65536)
        assert waiting.left.wait(30)


def chat(key: str, *, stream: bool) -> bytes:
    """Return a request for a completion as bytes."""
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Some words to repeat."}], "stream": stream}
    content = json.dumps(asked).encode()
    headers = (f"authorization: Bearer {key}", "content-type: application/json", f"content-length: {len(content)}")
    return ask("/v1/chat/completions", "POST", *headers) + content


def opened(server: RunningServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def completed(server: RunningServer, *, stream: bool, half: bool) -> tuple[int, bytes]:
    """Request a completion, with or without closing this half of the connection; return its status and body."""
    with opened(server) as connection:
        connection.sendall(chat("sk-half", stream=stream))
        if half:
            connection.shutdown(socket.SHUT_WR)
        response = HTTPResponse(connection)
        response.begin()
        return response.status, response.read()


@pytest.mark.parametrize("pace", [{}, PACED])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_is_the_one_that_any_client_gets(serve: Serve, pace: dict[str, float], *, stream: bool) -> None:
    with serve(clock="fixed:1750000000", **pace) as one, serve(clock="fixed:1750000000", **pace) as other:
        status, sent = completed(one, stream=stream, half=True)
        assert (status, sent) == completed(other, stream=stream, half=False)
        (entry,) = asyncio.run(one.app.journal.entries("sk-half"))
    assert (entry["status"], entry["ended"], status) == (200, "completed", 200)
    assert sent.endswith(b"data: [DONE]\n\n" if stream else b"}\n")


def left(server: RunningServer, key: str) -> Entry:
    """Return the entry of a session's only request, once it has ended."""
    while True:
        for entry in asyncio.run(server.app.journal.entries(key)):
            if entry["ended"] != "in flight":
                return entry


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_leaves_before_any_byte_is_in_the_journal_without_a_status(serve: Serve, *, stream: bool) -> None:
    with serve(ttft=600) as served:
        with opened(served) as gone:
            gone.sendall(chat("sk-gone", stream=stream))
        entry = left(served, "sk-gone")
    assert (entry["status"], entry["ended"]) == (0, "client left")


def test_a_client_that_leaves_midway_is_in_the_journal_with_the_status_it_got(serve: Serve) -> None:
    with serve(ttft=0, tokens_per_second=0.001) as served:
        with opened(served) as gone:
            gone.sendall(chat("sk-midway", stream=True))
            assert gone.recv(65536).startswith(b"HTTP/1.1 200 OK")
        entry = left(served, "sk-midway")
    assert (entry["status"], entry["ended"]) == (200, "client left")
