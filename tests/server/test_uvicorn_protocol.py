"""The transport over real sockets: what leaves when, and how connections end."""

import asyncio
import socket
from collections.abc import Iterator

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from asgi_clients import run
from chatdouble.server.uvicorn_protocol.protocol import OneWriteProtocol, fits, protocol
from transport_apps import BIG, LOOPS, app, served
from wires import Wire, ask, speaking


@pytest.fixture(scope="module", params=LOOPS)
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    with served(app, request.param) as found:
        yield found


@pytest.fixture
def connection(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as opened:
        yield opened


def until(connection: socket.socket, end: bytes) -> bytes:
    got = b""
    while not got.endswith(end):
        piece = connection.recv(65536)
        assert piece, f"the connection closed after {got!r}"
        got += piece
    return got


def rest(connection: socket.socket) -> bytes:
    got = b""
    while piece := connection.recv(65536):
        got += piece
    return got


def test_a_connection_is_kept_for_the_next_request(connection: socket.socket) -> None:
    for _ in range(3):
        connection.sendall(ask("/hello"))
        assert until(connection, b"hello").startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_connection_closes_after_the_answer_when_the_client_asks_for_it(connection: socket.socket) -> None:
    connection.sendall(ask("/hello", "GET", "connection: close"))
    got = rest(connection)
    assert got.endswith(b"hello")
    assert b"connection: close" in got


def test_head_answers_without_a_body(connection: socket.socket) -> None:
    connection.sendall(ask("/hello", "HEAD"))
    got = until(connection, b"\r\n\r\n")
    assert b"content-length: 5\r\n" in got
    connection.sendall(ask("/hello"))
    assert until(connection, b"hello").startswith(b"HTTP/1.1 200 OK\r\n")


def test_pipelined_requests_are_answered_in_order(connection: socket.socket) -> None:
    connection.sendall(ask("/stream") + ask("/hello") + ask("/nowhere"))
    got = until(connection, b"no such page\r\n0\r\n\r\n")
    first, second, third = (got.index(part) for part in (b"three", b"hello", b"404 Not Found"))
    assert first < second < third


def test_a_stream_arrives_in_the_chunks_it_was_sent_in(connection: socket.socket) -> None:
    connection.sendall(ask("/stream"))
    got = until(connection, b"0\r\n\r\n")
    assert b"transfer-encoding: chunked\r\n" in got
    assert got.endswith(b"\r\n\r\n3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")


def test_a_body_bigger_than_the_buffers_between_comes_whole(connection: socket.socket) -> None:
    connection.sendall(ask("/big", "GET", "connection: close"))
    head, _, content = rest(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    assert len(content) == BIG


def test_a_big_request_is_read_whole(connection: socket.socket) -> None:
    connection.sendall(ask("/size", "POST", f"content-length: {BIG}") + b"y" * BIG)
    assert str(BIG).encode() in until(connection, b"0\r\n\r\n")


def test_a_client_that_waits_for_100_continue_gets_it_before_the_answer(connection: socket.socket) -> None:
    connection.sendall(ask("/size", "POST", "content-length: 2", "expect: 100-continue"))
    assert until(connection, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(b"ab")
    assert b"HTTP/1.1 200 OK" in until(connection, b"0\r\n\r\n")


def test_an_unknown_page_is_404(connection: socket.socket) -> None:
    connection.sendall(ask("/nowhere"))
    assert until(connection, b"0\r\n\r\n").startswith(b"HTTP/1.1 404 Not Found\r\n")


def test_a_reset_before_any_byte_is_seen_as_a_reset(connection: socket.socket) -> None:
    connection.sendall(ask("/reset"))
    with pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_a_reset_midway_comes_after_what_was_sent(connection: socket.socket) -> None:
    connection.sendall(ask("/midway", "POST", "content-length: 2") + b"a")
    assert until(connection, b"begun\r\n").startswith(b"HTTP/1.1 200 OK")
    connection.sendall(b"b")
    with pytest.raises(ConnectionResetError):
        rest(connection)


def test_a_hang_up_ends_the_connection_in_order_and_the_body_too_early(connection: socket.socket) -> None:
    connection.sendall(ask("/hangup"))
    assert rest(connection).endswith(b"\r\n\r\n5\r\nbegun\r\n")


def test_an_empty_body_event_sends_the_head_alone(connection: socket.socket) -> None:
    connection.sendall(ask("/head", "POST", "content-length: 2") + b"a")
    assert b"x-head: alone\r\n" in until(connection, b"\r\n\r\n")
    connection.sendall(b"b")
    assert rest(connection) == b""


def test_an_application_that_fails_after_its_head_ends_the_connection_there(connection: socket.socket) -> None:
    connection.sendall(ask("/fails"))
    got = rest(connection)
    assert got.startswith(b"HTTP/1.1 200 OK")
    assert got.endswith(b"\r\n\r\n")


async def written(path: str, method: str = "GET") -> Wire:
    spoken, wire = speaking(app)
    spoken.data_received(ask(path, method))
    await asyncio.gather(*spoken.tasks)
    spoken.connection_lost(None)
    return wire


async def test_head_and_body_leave_in_one_write() -> None:
    wire = await written("/hello")
    assert len(wire.writes) == 1
    assert wire.writes[0].endswith(b"\r\n\r\nhello")


async def test_only_the_first_piece_of_a_stream_leaves_with_the_head() -> None:
    wire = await written("/stream")
    assert [piece[-7:] for piece in wire.writes] == [
        b"\r\none\r\n",
        b"\r\ntwo\r\n",
        b"three\r\n",
        b"0\r\n\r\n",
    ]


async def test_the_head_of_a_head_request_leaves_although_nothing_follows() -> None:
    wire = await written("/hello", "HEAD")
    assert [piece[-9:] for piece in wire.writes] == [b"th: 5\r\n\r\n"]


@pytest.mark.parametrize("path", ["/bad-name", "/bad-value"])
async def test_a_header_with_a_line_break_never_leaves(path: str) -> None:
    wire = await written(path)
    assert b"injected" not in b"".join(wire.writes)
    assert wire.writes[0].startswith(b"HTTP/1.1 500 ")
    assert wire.closed


async def test_a_tab_and_the_upper_half_of_latin_1_may_stand_in_a_header() -> None:
    wire = await written("/tab")
    assert b"x-tab: a\tb\xff\r\n" in wire.writes[0]


@pytest.mark.parametrize(("path", "sent"), [("/longer", b""), ("/shorter", b"hel")])
async def test_a_body_that_belies_its_length_ends_the_connection(path: str, sent: bytes) -> None:
    wire = await written(path)
    assert b"".join(wire.writes).partition(b"\r\n\r\n")[2] == sent
    assert wire.closed


@pytest.mark.parametrize("path", ["/silent", "/broken"])
async def test_an_application_that_answers_nothing_is_a_500(path: str) -> None:
    wire = await written(path)
    assert wire.writes[0].startswith(b"HTTP/1.1 500 ")
    assert wire.writes[0].endswith(b"\r\n\r\nInternal Server Error")


def test_a_connection_without_requests_is_closed_once_its_time_is_over() -> None:
    async def idle() -> list[bool]:
        spoken, wire = speaking(app)
        closed: list[bool] = []
        for wait in (4.0, 4.0, 0.9, 0.2):
            if wait == 4.0:
                spoken.data_received(ask("/hello"))
            await asyncio.sleep(wait)
            closed.append(wire.closed)
        return closed

    assert run(idle()) == [False, False, False, True]


def test_a_connection_in_use_is_not_closed_however_long_it_takes() -> None:
    async def busy() -> tuple[bool, bool]:
        spoken, wire = speaking(app)
        spoken.data_received(ask("/hello"))
        await asyncio.sleep(1)
        spoken.data_received(ask("/size", "POST", "content-length: 2"))
        await asyncio.sleep(60)
        before = wire.closed
        spoken.data_received(b"ab")
        await asyncio.sleep(6)
        return before, wire.closed

    assert run(busy()) == (False, True)


def test_a_connection_that_was_lost_leaves_no_timer() -> None:
    async def lost() -> bool:
        spoken, _ = speaking(app)
        spoken.data_received(ask("/hello"))
        await asyncio.gather(*spoken.tasks)
        armed = spoken.timeout_keep_alive_task
        assert armed is not None
        spoken.connection_lost(OSError())
        return armed.cancelled()

    assert run(lost())


async def test_a_reset_closes_a_connection_that_has_no_socket() -> None:
    wire = await written("/reset")
    assert wire.aborted
    assert wire.writes == []


def test_the_installed_uvicorn_has_the_parts_the_protocol_overrides() -> None:
    assert protocol() is OneWriteProtocol


def test_another_uvicorn_is_left_to_its_own_protocol(monkeypatch: pytest.MonkeyPatch) -> None:
    class Renamed:
        """A protocol or a cycle without the parts."""

    assert not fits(Renamed, RequestResponseCycle)

    assert not fits(HttpToolsProtocol, Renamed)
    monkeypatch.delattr(HttpToolsProtocol, "_start_asgi_task")
    assert protocol() == "auto"
