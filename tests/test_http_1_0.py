"""Clients that speak HTTP/1.0, which has no chunked encoding (RFC 9112, 6.1): the end of the connection ends a body."""

import json
import socket
from pathlib import Path
from typing import Any, Final

import pytest

from chatdouble.testing.server import RunningServer
from conftest import Serve
from upstreams import COMPLETION, HELLO, JSON, Behaviour, Responder, recording, relaying, upstream

DONE: Final = b"data: [DONE]\n\n"
KEEP: Final = b"connection: keep-alive"
ASKED: Final = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}


def answer(server: RunningServer, *headers: bytes, stream: bool) -> tuple[dict[bytes, bytes], bytes]:
    """Request a completion with HTTP/1.0; return the answer's headers, and its body up to the connection's end."""
    body = json.dumps(ASKED | {"stream": stream}).encode()
    head = (b"POST /v1/chat/completions HTTP/1.0", b"authorization: Bearer sk-old", b"content-type: application/json")
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(b"\r\n".join([*head, b"content-length: %d" % len(body), *headers, b"", body]))
        got = b""
        while piece := connection.recv(65536):
            got += piece
    lines, _, content = got.partition(b"\r\n\r\n")
    status, *named = lines.split(b"\r\n")
    assert status == b"HTTP/1.1 200 OK"
    return {name: value for name, _, value in (line.partition(b": ") for line in named)}, content


def assert_unframed(headers: dict[bytes, bytes], body: bytes, *, stream: bool) -> None:
    """Assert that a body is whole and has no chunks, and that its connection closes, as its headers say."""
    assert b"transfer-encoding" not in headers
    assert headers[b"connection"] == b"close"
    assert int(headers.get(b"content-length", len(body))) == len(body)
    if stream:
        assert body.startswith(b"data: {")
        assert body.endswith(b"}\n\n" + DONE)
    else:
        assert json.loads(body)["object"] == "chat.completion"


@pytest.mark.parametrize("settings", [{}, {"ttft": 0.01, "tokens_per_second": 500.0}])
@pytest.mark.parametrize("headers", [(), (KEEP,)])
@pytest.mark.parametrize("stream", [False, True])
def test_an_answer_has_no_chunks(
    serve: Serve, settings: dict[str, Any], headers: tuple[bytes, ...], *, stream: bool
) -> None:
    with serve(**settings) as served:
        assert_unframed(*answer(served, *headers, stream=stream), stream=stream)


def chunked(*, stream: bool) -> Behaviour:
    """Return the behaviour of an upstream that sends everything in chunks."""

    async def behave(to: Responder) -> None:
        if stream:
            await to.stream(HELLO)
        else:
            await to.head(200, JSON)
            await to.piece(COMPLETION, more=False)

    return behave


@pytest.mark.parametrize("headers", [(), (KEEP,)])
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_relayed_has_no_chunks(headers: tuple[bytes, ...], *, stream: bool) -> None:
    with upstream(chunked(stream=stream)) as above, relaying(above) as served:
        assert_unframed(*answer(served, *headers, stream=stream), stream=stream)


@pytest.mark.parametrize("headers", [(), (KEEP,)])
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_replayed_has_no_chunks(tmp_path: Path, headers: tuple[bytes, ...], *, stream: bool) -> None:
    with recording(tmp_path, chunked(stream=stream)) as (_, served):
        recorded = answer(served, *headers, stream=stream)
    with recording(tmp_path, chunked(stream=stream), "replay") as (above, served):
        replayed = answer(served, *headers, stream=stream)
        assert above.received == []
    assert_unframed(*recorded, stream=stream)
    assert_unframed(*replayed, stream=stream)
    assert recorded[1] == replayed[1]


def test_no_100_continue_is_sent(server: RunningServer) -> None:
    headers, body = answer(server, b"expect: 100-continue", stream=False)
    assert_unframed(headers, body, stream=False)
