"""Reading requests: nothing that a client sends in place of a request fills the server, or stops it."""

import json
import re
import socket
from collections.abc import Iterator
from itertools import repeat
from typing import Final

import pytest

from chatdouble.testing.server import RunningServer, running
from conftest import Serve
from raw import ask, control

KEY: Final = b"host: x\r\nauthorization: Bearer sk-reading\r\n"
HEALTH: Final = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n"
LAST: Final = HEALTH.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
"""A request after which the server closes."""

CHAT: Final = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}).encode()


def answered(server: RunningServer, *pieces: bytes) -> bytes:
    """Send pieces until the server closes or all are sent, and return what it answers until it closes."""
    got = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
            while piece := connection.recv(65536):
                got += piece
        except ConnectionError:
            pass
    return got


def statuses(got: bytes) -> list[int]:
    """Return the statuses of the answers in some bytes."""
    return [*map(int, re.findall(rb"HTTP/1\.1 (\d+)", got))]


def chat(*headers: bytes, body: bytes = CHAT) -> bytes:
    """Return a request for a completion."""
    lines = b"".join(b"%b\r\n" % header for header in headers)
    length = b"" if b"chunked" in lines else b"content-length: %d\r\n" % len(body)
    head = b"POST /v1/chat/completions HTTP/1.1\r\n%bcontent-type: application/json\r\n" % KEY
    return b"%b%b%b\r\n%b" % (head, lines, length, body)


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    with running() as one:
        yield one


@pytest.mark.parametrize(
    "fields",
    [
        b"x-long: %b\r\n" % (b"a" * 65_536),
        b"".join(b"x-%d: a\r\n" % number for number in range(99)),
        b"".join(b"x-%d: %b\r\n" % (number, b"a" * 1000) for number in range(70)),
    ],
    ids=["long", "many", "both"],
)
@pytest.mark.parametrize("before", [b"", HEALTH])
def test_a_head_that_is_too_large_is_refused(served: RunningServer, before: bytes, fields: bytes) -> None:
    got = answered(served, before + b"GET /v1/models HTTP/1.1\r\n" + KEY + fields + b"\r\n" + HEALTH)
    assert statuses(got) == [*[200] * bool(before), 431]
    assert json.loads(got.rpartition(b"\r\n\r\n")[2])["error"]["code"] == "head_too_large"


def test_a_head_as_large_as_it_may_be_is_read(served: RunningServer) -> None:
    fields = b"".join(b"x-%d: a\r\n" % number for number in range(97))
    start = b"GET /v1/models HTTP/1.1\r\nconnection: close\r\n" + KEY
    assert statuses(answered(served, start + fields + b"\r\n")) == [200]
    long = b"x-long: %b\r\n" % (b"a" * (65_536 - len(start) - 10))
    assert statuses(answered(served, start + long + b"\r\n")) == [200]


@pytest.mark.parametrize("start", [b"GET /", b"GET / HTTP/1.1\r\nx-endless: ", b"\r\n" * 9])
def test_a_head_without_an_end_is_refused(served: RunningServer, start: bytes) -> None:
    got = answered(served, start, *repeat(b"\r\n" * 512 if start[:1] == b"\r" else b"a" * 1024, 400))
    assert statuses(got) in ([431], [])  # nothing, if the client was still sending when the connection closed


@pytest.mark.parametrize("endless", [b"1;x=" + b"a" * 200_000, b"1\r\na\r\n0\r\nx-trailer: " + b"a" * 200_000])
def test_what_surrounds_the_pieces_of_a_body_has_an_end(served: RunningServer, endless: bytes) -> None:
    assert statuses(answered(served, chat(b"transfer-encoding: chunked", body=endless))) in ([431], [])


@pytest.mark.parametrize("upgrade", [(), (b"connection: upgrade", b"upgrade: h2c")], ids=["plain", "upgrade"])
def test_a_trailer_is_no_header(served: RunningServer, upgrade: tuple[bytes, ...]) -> None:
    trailers = b"x-double-session: *\r\nauthorization: Bearer sk-other\r\nx-double-fault: server_error\r\n"
    body = b"%x\r\n%b\r\n0\r\n%b\r\n" % (len(CHAT), CHAT, trailers)
    assert statuses(answered(served, chat(b"transfer-encoding: chunked", *upgrade, body=body) + LAST)) == [200, 200]
    (entry,) = control(served, "sk-reading", "GET", "requests?limit=1")["data"]
    assert not {"x-double-session", "x-double-fault"} & entry["headers"].keys()


def test_many_requests_at_once_are_all_answered_in_order(served: RunningServer) -> None:
    paths = [b"/v1/models/gpt-4o", b"/health", b"/v1/models/none-%b"]
    sent = b"".join(b"GET %b HTTP/1.1\r\n%b\r\n" % (paths[at % 2], KEY) for at in range(2000))
    got = answered(served, sent + chat() + LAST)
    assert statuses(got) == [200] * 2002
    assert [*re.findall(rb'"(?:object|status)": ?"(\w+)"', got)][:4] == [b"model", b"ok"] * 2


@pytest.mark.parametrize("upgrade", [b"h2c", b"websocket", b"anything, at/all"])
@pytest.mark.parametrize("size", [1, 50, 100_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_an_upgrade_is_ignored_and_the_body_never_a_request(
    served: RunningServer, upgrade: bytes, size: int, chunked: bool
) -> None:
    evil = b"GET /v1/models/evil HTTP/1.1\r\n%b\r\n" % KEY
    offered = [b"connection: Upgrade, HTTP2-Settings", b"upgrade: " + upgrade, b"http2-settings: AAEAAEAA"]
    bodies = [evil, CHAT]
    if chunked:
        offered.append(b"transfer-encoding: chunked")
        bodies = [b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) for body in bodies]
    key = "sk-reading"
    sent = b"".join(chat(*offered, body=body) for body in bodies) + LAST
    control(served, key, "POST", "reset")
    got = answered(served, *(sent[at : at + size] for at in range(0, len(sent), size)))
    assert statuses(got) == [400, 200, 200]
    entries = control(served, key, "GET", "requests")["data"]
    assert [one["path"] for one in entries] == ["/v1/chat/completions"] * 2
    assert entries[1]["request"] == json.loads(CHAT)


def test_an_upgrade_without_a_body_is_ignored(served: RunningServer) -> None:
    offered = HEALTH.replace(b"\r\n\r\n", b"\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n")
    assert statuses(answered(served, offered * 3 + LAST)) == [200] * 4


def test_the_bytes_of_an_upgrade_in_a_body_change_nothing(served: RunningServer) -> None:
    text = "a\r\nupgrade: h2c\r\nb"
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).encode()
    body = body.replace(b'"messages"', b"\r\nupgrade: h2c\r\n".replace(b"upgrade: h2c", b" " * 12) + b'"messages"')
    raw = b'{"x":"\r\nupgrade: h2c\r\n"}'
    assert statuses(answered(served, chat(body=body) + chat(b"connection: close", body=raw))) == [200, 400]
    last = control(served, "sk-reading", "GET", "requests")["data"][-1]
    assert last["request"] == raw.decode()


@pytest.mark.parametrize(
    "sent", [b"GET /health HT", HEALTH + b"GET", chat(body=b"{" * 9)[:-3], chat()[:-1]], ids=["head", "next", "a", "b"]
)
def test_a_request_has_to_come_in_time(serve: Serve, sent: bytes) -> None:
    with serve(read_timeout=0.2) as served:
        assert statuses(answered(served, sent))[-1] == 408
        assert ask(served.origin, "GET", "/health").status == 200


@pytest.mark.parametrize("version", [b"", b" HTTP/0.9", b" HTTP/2.0"], ids=["none", "0.9", "2.0"])
def test_another_version_of_http_is_refused(served: RunningServer, version: bytes) -> None:
    got = answered(served, b"GET /health%b\r\nhost: x\r\n\r\n" % version)
    assert statuses(got) in ([505], [400])
    assert b'"error": {' in got


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"gzip\r\ntransfer-encoding: chunked"])
@pytest.mark.parametrize("path", [b"/v1/chat/completions", b"/_double/queue"])
def test_a_body_that_is_encoded_for_its_transfer_is_not_read(served: RunningServer, coding: bytes, path: bytes) -> None:
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(CHAT), CHAT)
    sent = chat(b"transfer-encoding: " + coding, body=body).replace(b"/v1/chat/completions", path)
    got = answered(served, sent + LAST)
    assert statuses(got) == [501, 200]
    assert b"Unsupported transfer encoding: 'gzip" in got


@pytest.mark.parametrize(("host", "status"), [(b"evil.example.com", 403), (b"localhost", 200), (b"localhost:9", 200)])
def test_the_host_of_a_target_is_the_one_that_is_asked(served: RunningServer, host: bytes, status: int) -> None:
    head = b"GET http://%b/_double/requests HTTP/1.1\r\n%bconnection: close\r\n\r\n"
    assert statuses(answered(served, head % (host, KEY))) == [status]


@pytest.mark.parametrize("garbage", [b"GARBAGE\r\n\r\n", b"\0\1\2", b"\x16\x03\x01", b"GET\t/ HTTP/1.1\r\n\r\n"])
def test_garbage_after_a_request_is_refused_after_its_answer(served: RunningServer, garbage: bytes) -> None:
    assert statuses(answered(served, chat() + garbage)) == [200, 400]


@pytest.mark.parametrize(
    "field",
    [
        *(b"x-a: a\r\n b", b"x-a : b", b"x-a: a\0b", b"x-a: a\rb", b"x(a): b", b": b", b"xa", "x-ä: b".encode()),
        *(b"content-length: 7", b"content-length: +7", b"content-length: 7, 7", b"content-length:"),
        *(b"transfer-encoding: chunked\r\ncontent-length: 7", b"transfer-encoding:"),
    ],
)
def test_what_is_no_field_of_a_head_is_refused(served: RunningServer, field: bytes) -> None:
    got = answered(served, chat(field, b"connection: close"))
    assert statuses(got) == [400]
    assert b"Invalid HTTP request received." in got
