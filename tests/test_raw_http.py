"""Bytes that no client library sends: each gets an error in the API's envelope, and nothing fails."""

import json
import logging
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from chatdouble.testing.server import RunningServer
from raw import chat

BODY: Final = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}).encode()
DEEP: Final = 100_000
UNREADABLE: Final = "We could not parse the JSON body of your request."


def asked(body: bytes = BODY, *headers: bytes, method: bytes = b"POST", path: bytes = b"/v1/chat/completions") -> bytes:
    """Return a request as bytes; its content-length is correct unless the headers have one."""
    sized = any(header.lower().startswith((b"content-length", b"transfer-encoding")) for header in headers)
    lines = [
        method + b" " + path + b" HTTP/1.1",
        *(b"host: test", b"authorization: Bearer sk-raw", b"content-type: application/json", b"connection: close"),
        *headers,
        *(() if sized else (b"content-length: %d" % len(body),)),
    ]
    return b"\r\n".join([*lines, b"", body])


def answer(server: RunningServer, *pieces: bytes, end: bool = False) -> bytes:
    """Send pieces in order and return all bytes received until the connection closes."""
    to = urlsplit(server.origin)
    with socket.create_connection((str(to.hostname), to.port or 80), timeout=30) as connection:
        for piece in pieces:
            connection.sendall(piece)
        if end:
            connection.shutdown(socket.SHUT_WR)
        got = b""
        while piece := connection.recv(65536):
            got += piece
        return got


def said(got: bytes) -> tuple[int, dict[str, Any]]:
    """Return an answer's status and the error in its envelope."""
    head, _, body = got.partition(b"\r\n\r\n")
    assert b"application/json" in head
    error: dict[str, Any] = json.loads(body)["error"]
    assert list(error) == ["message", "type", "param", "code"]
    return int(head.split(b" ")[1]), error


@pytest.fixture(autouse=True)
def nothing_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test that logs an error."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "got",
    [
        b"\x16\x03\x01\x02\x00 this is TLS\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        asked(b"", b"content-length: abc"),
        asked(b"", b"content-length: -5"),
        asked(b"zz\r\n\r\n", b"transfer-encoding: chunked"),
        asked(b"2\r\n{}\r\n0\r\n\r\n", b"transfer-encoding: chunked", b"content-length: 2"),
        asked(method=b"BREW"),
        asked(path="/v1/é".encode()),
        asked(BODY, b"x-one: a\x0bb"),
    ],
)
def test_invalid_http_is_refused_in_the_envelope(server: RunningServer, got: bytes) -> None:
    status, error = said(answer(server, got))
    assert (status, error["message"]) == (400, "Invalid HTTP request received.")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"\xef\xbb\xbf" + BODY, BODY.decode().encode("utf-16"), b'{"model": "\xff"}', b'{"model": "\x00"}'),
        *(b"[" * DEEP + b"]" * DEEP, b'{"model":' * DEEP, b'{"seed": 1e999}', b'{"seed": ' + b"9" * 5000 + b"}"),
        BODY[:-1] + b', "x": ' + b"[" * 500 + b"]" * 500 + b"}",
        BODY.replace(b'"Hello!"', b'"Hello!", "x": ' + b'{"x":' * 200 + b"1" + b"}" * 200),
    ],
)
def test_bodies_that_are_not_json_are_refused(server: RunningServer, body: bytes) -> None:
    status, error = said(answer(server, asked(body)))
    assert status == 400
    assert error["message"].startswith(UNREADABLE)


@pytest.mark.parametrize("depth", [9, 60, 90])
def test_deep_schemas_are_validated(server: RunningServer, depth: int) -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"], "additionalProperties": False}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    assert chat(server.origin, response_format=wanted).status == (200 if depth < 10 else 400)


def test_the_last_of_duplicate_keys_counts(server: RunningServer) -> None:
    got = answer(server, asked(b'{"model": "", ' + BODY[1:]))
    assert got.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "path", [b"/v1/x%00", b"/v1/%0aINFO%1b[31m", b"/v1/%ff", b"/v1/" + b"a" * 60_000, b"*", b"//v1//chat/completions"]
)
def test_odd_urls_are_invalid(server: RunningServer, path: bytes) -> None:
    status, error = said(answer(server, asked(path=path, method=b"OPTIONS" if path == b"*" else b"POST")))
    assert status == 404
    assert error["message"].startswith("Invalid URL (" if path.startswith(b"/v1/") else "Unknown request URL: ")


@pytest.mark.parametrize(
    "path",
    [b"/v1/chat/completions?a=%zz&&=&limit=[]", b"/v1/../v1/chat/completions", b"http://other/v1/chat/completions"],
)
def test_odd_urls_of_the_endpoint_are_the_endpoint(server: RunningServer, path: bytes) -> None:
    assert answer(server, asked(path=path)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "headers",
    [
        (b"authorization: Bearer sk-other",),
        (b"x-big: " + b"a" * 64_000,),
        tuple(b"x-%d: a" % number for number in range(90)),
        (b"x-double-session: \xff\xfe;*",),
        (b"openai-organization: a\tb\xe9",),
        (b"content-encoding: gzip",),
        (b"upgrade: websocket", b"connection: upgrade"),
    ],
)
def test_odd_headers_are_accepted(server: RunningServer, headers: tuple[bytes, ...]) -> None:
    got = answer(server, asked(BODY, *headers))
    assert got.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 400 "))


def test_a_client_that_offers_http_2_is_answered_in_http_1(server: RunningServer) -> None:
    """Java's own client offers HTTP/2 with every request and sends the body at once."""
    offered = (b"connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAEAAEAA")
    request = asked(BODY, *offered).replace(b"connection: close\r\n", b"")
    got = answer(server, request + asked())
    assert got.count(b"HTTP/1.1 200 OK") == 2


def test_pipelined_requests_are_answered_in_order_even_after_a_refused_one(server: RunningServer) -> None:
    kept = asked(b"{").replace(b"connection: close\r\n", b"")
    assert re.findall(rb"HTTP/1.1 (\d+)", answer(server, kept + asked())) == [b"400", b"200"]


def test_a_body_may_come_slowly_and_in_chunks(server: RunningServer) -> None:
    whole = asked()
    assert answer(server, *(whole[at : at + 7] for at in range(0, len(whole), 7))).startswith(b"HTTP/1.1 200 ")
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)
    for coding in (b"chunked", b"CHUNKED", b" chunked  "):  # blanks around a value are no part of it
        assert answer(server, asked(chunked, b"transfer-encoding: " + coding)).startswith(b"HTTP/1.1 200 ")


def test_expect_100_continue_is_refused_before_the_body(server: RunningServer) -> None:
    request = asked(b"", b"expect: 100-continue", b"content-length: 99999999999")
    status, error = said(answer(server, request))
    assert status == 413
    assert error["message"].startswith("Maximum content size limit (")


def test_an_incomplete_body_is_not_answered(server: RunningServer) -> None:
    assert answer(server, asked(b"{", b"content-length: 500"), end=True) == b""


def test_head_has_no_body(server: RunningServer) -> None:
    head, _, body = answer(server, asked(b"", method=b"HEAD")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 405 ")
    assert body == b""


@pytest.mark.parametrize("path", [b"/health", b"/ready"])
def test_probes_accept_head_requests(server: RunningServer, path: bytes) -> None:
    head, _, body = answer(server, asked(b"", method=b"HEAD", path=path)).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert body == b""


def test_a_body_just_under_the_limit_is_read(server: RunningServer) -> None:
    body = BODY[:-1] + b', "user": "' + b"a" * (31 << 20) + b'"}'
    status, error = said(answer(server, asked(body)))
    assert (status, error["code"]) == (400, "string_above_max_length")


def test_two_hundred_concurrent_connections_are_answered(server: RunningServer) -> None:
    with ThreadPoolExecutor(50) as pool:
        got = list(pool.map(answer, [server] * 200, [asked()] * 200))
    assert all(one.startswith(b"HTTP/1.1 200 ") for one in got)
