"""When the pieces of a response leave, and how it ends."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator

import pytest

from asgi_clients import Client, run
from calls import call
from chatdouble.backend.delivery import Abort, Head, Timed
from chatdouble.core.errors import APIError
from chatdouble.http.paced_response import HangupError, PacedResponse, Pieces
from chatdouble.http.shutdown import Shutdown

HEAD = Head(200, ((b"content-type", b"text/event-stream; charset=utf-8"),))


async def sent(pieces: Pieces, client: Client, shutdown: Shutdown | None = None) -> PacedResponse:
    """Send pieces to a client, in a request that came just now."""
    asked = client.asks(call())
    response = PacedResponse(HEAD, pieces, asked.started, shutdown)
    await response(asked.connection, asked.receive, asked.send)
    return response


def ready(*pieces: Timed) -> Iterator[Timed]:
    return iter(pieces)


async def coming(*pieces: Timed) -> AsyncGenerator[Timed]:
    for piece in pieces:
        yield piece


def test_what_is_due_together_leaves_in_one_message_with_nothing_added() -> None:
    client = Client()
    response = run(sent(ready((0.0, b"a"), (0.0, b"b"), (0.0, b"c")), client))
    assert client.got == [
        (0, {"type": "http.response.start", "status": 200, "headers": list(HEAD.headers)}),
        (0, {"type": "http.response.body", "body": b"abc", "more_body": False}),
    ]
    assert (response.ended, response.size) == ("completed", 3)


def test_a_response_that_never_waits_does_not_watch_its_client() -> None:
    client = Client()
    run(sent(ready((0.0, b"a")), client))
    assert client.watched == 0


@pytest.mark.parametrize("direct", [False, True])
def test_pieces_leave_when_they_are_due(*, direct: bool) -> None:
    client = Client(direct=direct)
    run(sent(ready((0.0, b"a"), (0.5, b"b"), (0.5, b"c"), (2.0, b"d")), client))
    assert client.writes == [(0, b"a"), (0.5, b"bc"), (2, b"d")]
    assert client.whole


def test_delays_do_not_add_up() -> None:
    client = Client(slow=0.3)
    run(sent(iter([(float(second), b"%d" % second) for second in range(1, 5)]), client))
    assert [at for at, _ in client.writes] == [1.3, 2, 3, 4]


def test_what_became_due_meanwhile_leaves_together() -> None:
    client = Client(slow=1)
    run(sent(iter([(second / 2, b"%d" % second) for second in range(1, 6)]), client))
    assert client.writes == [(1.5, b"1"), (2.5, b"2345")]


@pytest.mark.parametrize("direct", [False, True])
def test_due_times_count_from_the_request(*, direct: bool) -> None:
    async def late() -> None:
        asked = client.asks(call())
        await asyncio.sleep(0.4)
        await PacedResponse(HEAD, ready((1.0, b"a")), asked.started)(asked.connection, asked.receive, asked.send)

    client = Client(direct=direct)
    run(late())
    assert client.writes == [(1, b"a")]


def test_a_message_joins_pieces_up_to_32_kib() -> None:
    client = Client()
    run(sent(iter([(0.0, b"x" * 10_000)] * 10), client))
    assert [len(data) for _, data in client.writes] == [30_000, 30_000, 30_000, 10_000]


def test_pieces_that_are_still_to_come_leave_as_they_come() -> None:
    async def slowly() -> AsyncGenerator[Timed]:
        yield 0.0, b"a"
        await asyncio.sleep(1)
        yield 0.0, b"b"

    client = Client()
    run(sent(slowly(), client))
    assert client.writes == [(0, b"a"), (1, b"b"), (1, b"")]
    assert client.whole


@pytest.mark.parametrize("offered", [False, True])
@pytest.mark.parametrize("kind", ["ready", "coming"])
def test_a_client_that_leaves_ends_the_response_and_frees_its_pieces(kind: str, *, offered: bool) -> None:
    closed: list[str] = []

    async def to_come() -> AsyncGenerator[Timed]:
        try:
            yield 0.0, b"a"
            await asyncio.sleep(5)
            yield 0.0, b"b"
        finally:
            closed.append("closed")

    client = Client(leaves=1, extensions=offered)
    response = run(sent(ready((0.0, b"a"), (5.0, b"b")) if kind == "ready" else to_come(), client))
    assert (response.ended, client.body, client.whole) == ("client left", b"a", False)
    assert closed == ([] if kind == "ready" else ["closed"])


@pytest.mark.parametrize("direct", [False, True])
def test_a_client_that_leaves_between_two_pieces_gets_no_more(*, direct: bool) -> None:
    client = Client(leaves=1.2, direct=direct)
    response = run(sent(iter([(second / 2, b"%d" % second) for second in range(9)]), client))
    assert (response.ended, client.body, response.size) == ("client left", b"012", 3)


def test_a_client_without_a_connection_of_its_own_is_watched_by_what_it_says() -> None:
    client = Client(extensions=False)
    run(sent(ready((0.0, b"a"), (1.0, b"b")), client))
    assert (client.watched, client.writes) == (2, [(0, b"a"), (1, b"b")])


def test_what_timers_write_is_what_is_written_otherwise() -> None:
    def pieces() -> Iterator[Timed]:
        return iter([(number // 3 / 10, b"%d," % number) for number in range(40)])

    directly, otherwise = Client(direct=True), Client()
    first, second = run(sent(pieces(), directly)), run(sent(pieces(), otherwise))
    assert directly.got == otherwise.got
    assert (first.size, first.ended) == (second.size, second.ended)


@pytest.mark.parametrize("direct", [False, True])
def test_a_client_that_falls_behind_gets_what_became_due_meanwhile_together(*, direct: bool) -> None:
    client = Client(direct=direct, full=(1.1, 2))
    run(sent(iter([(second / 4, b"%d" % second) for second in range(1, 10)]), client))
    assert client.writes == [
        *((0.25, b"1"), (0.5, b"2"), (0.75, b"3"), (1, b"4")),
        *((2, b"5"), (2, b"678"), (2.25, b"9")),
    ]


@pytest.mark.parametrize("direct", [False, True])
def test_what_pieces_raise_on_the_way_is_raised_where_they_are_sent(*, direct: bool) -> None:
    def failing() -> Iterator[Timed]:
        yield 0.0, b"a"
        yield 1.0, b"b"
        yield 2.0, b"c"
        raise LookupError

    client = Client(direct=direct)
    with pytest.raises(LookupError):
        run(sent(failing(), client))
    assert (client.body, client.cuts) == (b"ab", [])


@pytest.mark.parametrize("direct", [False, True])
def test_a_task_that_is_cancelled_stays_so(*, direct: bool) -> None:
    async def cancelled() -> bool:
        task = asyncio.create_task(sent(iter([(float(second), b"x") for second in range(9)]), client))
        await asyncio.sleep(2.5)
        task.cancel()
        await asyncio.wait([task])
        await asyncio.sleep(9)
        return task.cancelled()

    client = Client(direct=direct)
    assert run(cancelled())
    assert client.body == b"xxx"


def test_a_task_that_is_cancelled_when_its_client_leaves_stays_so() -> None:
    async def cancelled() -> bool:
        task = asyncio.create_task(sent(iter([(float(second), b"x") for second in range(9)]), client))
        asyncio.get_running_loop().call_at(2.5, task.cancel)
        await asyncio.wait([task])
        return task.cancelled()

    client = Client(direct=True, leaves=2.5)
    assert run(cancelled())


def test_a_failing_send_means_that_the_client_left() -> None:
    assert run(sent(ready((0.0, b"a")), Client(broken=True))).ended == "client left"


def test_an_error_before_the_first_piece_leaves_the_status_open() -> None:
    async def failing() -> AsyncGenerator[Timed]:
        raise APIError("no", status=429)
        yield 0.0, b""

    client = Client()
    with pytest.raises(APIError):
        run(sent(failing(), client))
    assert client.got == []


@pytest.mark.parametrize(("ending", "cut"), [(Abort.HANGUP, "hangup"), (Abort.RESET, "reset")])
def test_a_cut_sends_what_was_due_and_closes_the_connection(ending: Abort, cut: str) -> None:
    for pieces, direct in ((ready, False), (ready, True), (coming, False)):
        client = Client(direct=direct)
        response = run(sent(pieces((0.0, b"a"), (1.0, ending)), client))
        assert (response.ended, client.body, client.whole, client.cuts) == ("cut", b"a", False, [cut])


def test_a_cut_before_any_piece_sends_no_head() -> None:
    client = Client()
    run(sent(ready((0.0, Abort.RESET)), client))
    assert (client.got, client.cuts) == ([], ["reset"])


def test_an_empty_first_piece_sends_the_head() -> None:
    client = Client()
    run(sent(ready((0.0, b""), (1.0, Abort.HANGUP)), client))
    assert (client.head["status"], client.body) == (200, b"")


def test_a_server_that_cannot_cut_is_told_by_an_error() -> None:
    with pytest.raises(HangupError):
        run(sent(ready((0.0, Abort.HANGUP)), Client(extensions=False)))


def test_a_stall_lasts_until_the_client_leaves() -> None:
    client = Client(leaves=60)
    response = run(sent(ready((0.0, b"a"), (0.0, Abort.STALL)), client))
    assert (response.ended, client.body, client.cuts) == ("client left", b"a", [])


async def stopping(pieces: Pieces, client: Client) -> tuple[PacedResponse, float]:
    """Send pieces while the server stops after a second, with two seconds of grace."""
    shutdown, loop = Shutdown(2), asyncio.get_running_loop()
    loop.call_later(1, shutdown.begin)
    response = await sent(pieces, client, shutdown)
    return response, loop.time()


@pytest.mark.parametrize("direct", [False, True])
def test_a_server_that_stops_lets_responses_finish_within_its_grace(*, direct: bool) -> None:
    client = Client(direct=direct)
    response, at = run(stopping(ready((0.0, b"a"), (2.5, b"b")), client))
    assert (response.ended, at, client.body) == ("completed", 2.5, b"ab")


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("pieces", [ready, coming])
def test_a_response_that_outlasts_the_grace_is_cut(pieces: Callable[..., Pieces], *, direct: bool) -> None:
    client = Client(direct=direct)
    response, at = run(stopping(pieces((0.0, b"a"), (4.0, b"b")), client))
    assert (response.ended, at, client.body, client.cuts) == ("cut", 3, b"a", ["hangup"])


@pytest.mark.parametrize("direct", [False, True])
def test_a_response_to_a_client_that_takes_nothing_is_cut_after_the_grace(*, direct: bool) -> None:
    client = Client(direct=direct, full=(0.4, 100))
    response, at = run(stopping(ready((0.0, b"a"), (0.5, b"b"), (1.0, b"c")), client))
    assert (response.ended, at, client.body) == ("cut", 3, b"a")


@pytest.mark.parametrize("begins", [0.0, 2.0])
def test_a_stall_gets_no_grace(begins: float) -> None:
    client = Client()
    response, at = run(stopping(ready((0.0, b"a"), (begins, Abort.STALL)), client))
    assert (response.ended, at) == ("cut", max(begins, 1))
