"""Paced responses on uvicorn's connections: written by timers, held up by slow clients, ended by those that leave."""

import asyncio
import gc
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest

from asgi_clients import run
from chatdouble.backend.delivery import CONNECTION, Head
from chatdouble.http.paced_response import PacedResponse
from chatdouble.server.uvicorn_protocol.http_response import Cycle
from wires import Wire, ask, speaking

PIECES = [(second / 2, b"%d" % second) for second in range(5)]
CHUNKS = [b"1\r\n%d\r\n" % second for second in range(5)]


class Paced:
    """An application whose answers take two seconds; it remembers how they ended, and how often it was woken.

    Args:
        headers: The headers of its answers.
    """

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self._head = Head(200, headers)
        self.ended: list[str] = []
        self.sent = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request."""

        async def counted(message: Any) -> None:
            self.sent += 1
            await send(message)

        response = PacedResponse(self._head, iter(PIECES), asyncio.get_running_loop().time())
        await response(scope["extensions"][CONNECTION], receive, counted)
        self.ended.append(response.ended)


def test_timers_write_what_lies_between_the_first_piece_and_the_last() -> None:
    async def answered() -> Wire:
        spoken, wire = speaking(app)
        spoken.data_received(ask("/"))
        await asyncio.sleep(3)
        return wire

    app = Paced()
    wire = run(answered())
    assert wire.times == [0, 0.5, 1, 1.5, 2]
    assert wire.writes[0].endswith(b"\r\n\r\n" + CHUNKS[0])
    assert wire.writes[1:] == [*CHUNKS[1:4], CHUNKS[4] + b"0\r\n\r\n"]
    assert (app.ended, app.sent) == (["completed"], 3)


def test_of_the_pieces_that_are_due_at_once_a_server_writes_a_part_in_each_turn() -> None:
    async def turns() -> list[int]:
        state, wires = dict[str, Any](), list[Wire]()
        for _ in range(100):
            spoken, wire = speaking(app, state)
            spoken.data_received(ask("/"))
            wires.append(wire)
        await asyncio.sleep(0.5)
        written: list[int] = []
        for _ in range(8):
            written.append(sum(len(wire.writes) for wire in wires))
            await asyncio.sleep(0)
        return written

    app = Paced()
    written = run(turns())
    assert written[0] < written[-1] == 200
    assert max(after - before for before, after in pairwise(written)) <= 32


def test_a_client_that_reads_slowly_holds_its_response_up_until_it_has_read() -> None:
    async def held_up() -> Wire:
        spoken, wire = speaking(app)
        spoken.data_received(ask("/"))
        await asyncio.sleep(0.75)
        spoken.pause_writing()
        await asyncio.sleep(1)
        spoken.resume_writing()
        await asyncio.sleep(2)
        return wire

    app = Paced()
    wire = run(held_up())
    assert wire.times == [0, 0.5, 1.75, 1.75, 2]
    assert b"".join(wire.writes).endswith(b"".join(CHUNKS) + b"0\r\n\r\n")
    assert app.ended == ["completed"]


def test_a_client_that_leaves_ends_its_response_also_if_it_asked_for_more() -> None:
    async def left(*more: bytes) -> Wire:
        spoken, wire = speaking(app)
        spoken.data_received(ask("/") + b"".join(more))
        await asyncio.sleep(0.75)
        spoken.connection_lost(ConnectionResetError())
        await asyncio.gather(*spoken.tasks)
        assert asyncio.get_running_loop().time() == 0.75
        await asyncio.sleep(3)
        return wire

    for more in ((), (ask("/"),)):
        app = Paced()
        wire = run(left(*more))
        assert wire.times == [0, 0.5]
        assert app.ended == ["client left"]


def test_a_response_that_belies_its_length_is_not_left_hanging() -> None:
    async def answered() -> Wire:
        spoken, wire = speaking(Paced((b"content-length", b"3")))
        spoken.data_received(ask("/"))
        await asyncio.gather(*spoken.tasks)
        return wire

    wire = run(answered())
    assert wire.writes[0].endswith(b"\r\n\r\n0")
    assert (wire.writes[1:], wire.closed) == ([b"1", b"2"], True)


def test_a_client_that_had_left_before_is_not_waited_for() -> None:
    async def gone() -> None:
        spoken, _ = speaking(app)
        spoken.data_received(ask("/"))
        spoken.connection_lost(None)
        await asyncio.gather(*spoken.tasks)
        assert asyncio.get_running_loop().time() == 0

    app = Paced()
    run(gone())
    assert app.ended == ["client left"]


def alive() -> list[object]:
    """Return the requests and paced answers that are in memory; other tests may keep some."""
    return [one for one in gc.get_objects() if isinstance(one, Cycle | PacedResponse)]


def test_nothing_of_a_request_is_left_to_the_garbage_collector() -> None:
    async def served(*, leaves: bool) -> None:
        spoken, _ = speaking(app)
        spoken.data_received(ask("/"))
        await asyncio.sleep(0.75)
        if leaves:
            spoken.connection_lost(None)
        await asyncio.gather(*spoken.tasks)
        await asyncio.sleep(0)
        assert CONNECTION not in scopes.pop()["extensions"]
        spoken.cycle = spoken._answering = None  # type: ignore[assignment] # noqa: SLF001 - the next request does it
        left.extend(one for one in alive() if id(one) not in known)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)
        await Paced()(scope, receive, send)

    scopes: list[Any] = []
    left: list[object] = []
    gc.collect()
    others = alive()
    known = {id(one) for one in others}
    gc.disable()
    try:
        for leaves in (False, True):
            run(served(leaves=leaves))
            assert left == []
    finally:
        gc.enable()


class Whole:
    """An application that answers at once.

    Args:
        then: What it does right after.
        body: The body of its answers.
    """

    def __init__(self, then: Callable[[], None] = lambda: None, body: bytes = b"hi") -> None:
        self.then = then
        self.body = body

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        """Answer a request."""
        headers = [(b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})
        self.then()


@pytest.mark.parametrize(
    ("length", "counts"),
    [(2, [0, 0, 0]), (100_000, [0, 0, 0]), (200_000, [1, 2, 3])],
    ids=["short", "a stream of 300 tokens", "very long"],
)
def test_what_is_ready_in_one_turn_of_the_loop_leaves_together_unless_it_is_very_long(
    length: int, counts: list[int]
) -> None:
    async def answered() -> list[int]:
        connections = [speaking(app) for _ in range(3)]
        wires.extend(wire for _, wire in connections)
        for spoken, _ in connections:
            spoken.data_received(ask("/"))
        await asyncio.sleep(0.1)
        return [len(wire.writes) for wire in wires]

    wires: list[Wire] = []
    written: list[int] = []
    app = Whole(lambda: written.append(sum(len(wire.writes) for wire in wires)), b"x" * length)
    assert run(answered()) == [1, 1, 1]
    assert written == counts


def test_responses_to_pipelined_requests_leave_in_order() -> None:
    async def answered() -> Wire:
        spoken, wire = speaking(Whole())
        spoken.data_received(ask("/") + ask("/", "HEAD") + ask("/"))
        await asyncio.sleep(0.1)
        return wire

    assert [write.endswith(b"hi") for write in run(answered()).writes] == [True, False, True]


class Long:
    """An application whose answers are too long to be copied.

    Args:
        headers: The headers of its answers.
    """

    def __init__(self, *headers: tuple[bytes, bytes]) -> None:
        self._headers = headers
        self.body = b"x" * 10_000

    async def __call__(self, _scope: Any, _receive: Any, send: Any) -> None:
        """Answer a request."""
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        await send({"type": "http.response.body", "body": self.body})


@pytest.mark.parametrize(
    ("app", "asked", "before", "after"),
    [
        (Long(), ask("/"), b"chunked\r\n\r\n2710\r\n", b"\r\n0\r\n\r\n"),
        (Long(), ask("/").replace(b"1.1", b"1.0", 1), b"close\r\n\r\n", b""),
        (Long((b"content-length", b"10000")), ask("/"), b"10000\r\n\r\n", b""),
        (Long(), ask("/", "GET", "connection: close"), b"chunked\r\n\r\n2710\r\n", b"\r\n0\r\n\r\n"),
    ],
)
def test_a_long_body_is_written_with_what_surrounds_it_and_without_a_copy(
    monkeypatch: pytest.MonkeyPatch, app: Long, asked: bytes, before: bytes, after: bytes
) -> None:
    async def answered() -> Wire:
        spoken, wire = speaking(app)
        spoken.data_received(asked)
        await asyncio.gather(*spoken.tasks)
        return wire

    def remember(wire: Wire, pieces: Sequence[bytes]) -> None:
        written.extend(pieces)
        wire.write(b"".join(pieces))

    written: list[bytes] = []
    monkeypatch.setattr(Wire, "writelines", remember)
    (whole,) = run(answered()).writes
    assert any(piece is app.body for piece in written)
    assert whole.endswith(before + app.body + after)


def test_long_and_short_responses_to_pipelined_requests_leave_in_order() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await (Long() if scope["path"] == "/long" else Whole())(scope, receive, send)

    async def answered() -> Wire:
        spoken, wire = speaking(app)
        spoken.data_received(ask("/") + ask("/long") + ask("/") + ask("/long", "HEAD") + ask("/long"))
        await asyncio.sleep(0.1)
        return wire

    assert [write[-2:] for write in run(answered()).writes] == [b"hi", b"\r\n", b"hi", b"\r\n", b"\r\n"]


def test_a_response_that_is_ready_when_the_server_stops_still_leaves() -> None:
    async def stopped() -> Wire:
        spoken, wire = speaking(app)
        app.then = spoken.shutdown
        spoken.data_received(ask("/"))
        await asyncio.sleep(0.1)
        return wire

    app = Whole()
    wire = run(stopped())
    assert wire.closed
    assert [write[-2:] for write in wire.writes] == [b"hi"]
