"""Answers of an upstream pass unchanged, piece by piece."""

import asyncio
import gzip
import json
from http import HTTPStatus
from http.client import HTTPConnection
from threading import Event

import pytest
from openai import AsyncOpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, chat
from upstreams import (
    COMPLETION,
    HELLO,
    JSON,
    PATH,
    REQUEST,
    SAYS_JSON,
    STREAM,
    Responder,
    answering,
    opened,
    relaying,
    streaming,
    upstream,
)


def test_every_status_is_passed_on() -> None:
    async def behave(answer: Responder) -> None:
        status = int(answer.request.header("x-status") or 0)
        body = b"" if status in (204, 304) else b'{"status": %d}' % status
        await answer.whole(status, JSON, body)

    with upstream(behave) as above, relaying(above) as served:
        for status in (*[known for known in HTTPStatus if known >= 200], 299, 520, 529, 599):
            headers = {**SAYS_JSON, "x-status": str(int(status))}
            answer = ask(served.origin, "POST", PATH, REQUEST, headers)
            body = b"" if status in (204, 304) else b'{"status": %d}' % status
            assert (answer.status, answer.body) == (status, body)


def test_redirects_are_passed_on_and_not_followed() -> None:
    with upstream(answering(200, JSON, COMPLETION)) as elsewhere:
        location = f"{elsewhere.base_url}/chat/completions".encode()
        with upstream(answering(307, [(b"location", location)], b"")) as above, relaying(above) as served:
            answer = ask(served.origin, "POST", PATH, REQUEST, SAYS_JSON)
    assert (answer.status, answer.headers["location"]) == (307, location.decode())
    assert elsewhere.received == []


def test_cookies_of_one_answer_are_not_sent_with_the_next_request() -> None:
    behaviour = answering(200, [*JSON, (b"set-cookie", b"a=1")], COMPLETION)
    with upstream(behaviour) as above, relaying(above) as served:
        chat(served.origin)
        chat(served.origin)
    assert [asked.header("cookie") for asked in above.received] == [None, None]


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"made-up"])
def test_compressed_answers_stay_compressed(encoding: bytes) -> None:
    packed = gzip.compress(COMPLETION)
    headers = [*JSON, (b"content-encoding", encoding)]
    with upstream(answering(200, headers, packed)) as above, relaying(above) as served:
        sent = {**SAYS_JSON, "Accept-Encoding": "gzip, br"}
        answer = ask(served.origin, "POST", PATH, REQUEST, sent)
    assert (answer.body, answer.headers["content-encoding"]) == (packed, encoding.decode())
    assert above.received[0].header("accept-encoding") == "gzip, br"


STREAMS = {
    "ordinary": HELLO,
    "frames cut anywhere": (HELLO[0][:9], HELLO[0][9:] + HELLO[1][:40], HELLO[1][40:] + HELLO[2], HELLO[3]),
    "no [DONE]": HELLO[:2],
    "comments, events and other line ends": (b": ping\n\n", b"event: x\r\ndata: {}\r\n\r\n", b"data: 1\r\rdata: 2\n\n"),
    "no UTF-8": (b"data: \xff\xfe\n\n", b"data: \xc3", b"\xa9\n\n"),
    "no JSON and no blank line": (b"data: {]\n\n", b"garbage \x00\x01", b"data: "),
    "nothing": (),
}


@pytest.mark.parametrize("pieces", STREAMS.values(), ids=STREAMS)
def test_streams_are_passed_on_byte_for_byte(pieces: tuple[bytes, ...]) -> None:
    with upstream(streaming(*pieces)) as above, relaying(above) as served:
        answer = chat(served.origin, stream=True)
    assert (answer.status, answer.body) == (200, b"".join(pieces))
    assert answer.headers["content-type"] == STREAM[0][1].decode()


def test_each_piece_is_passed_on_as_it_arrives() -> None:
    go_on = Event()

    async def behave(answer: Responder) -> None:
        await answer.head(200, STREAM)
        for piece in HELLO:
            await answer.piece(piece)
            await asyncio.to_thread(go_on.wait, 30)
            go_on.clear()
        await answer.piece(b"", more=False)

    with upstream(behave) as above, relaying(above) as served, opened(served.origin, REQUEST) as response:
        for piece in HELLO:
            assert response.read1(len(piece)) == piece
            go_on.set()


def test_a_client_that_leaves_during_a_stream_ends_the_upstreams_request() -> None:
    left = Event()

    async def behave(answer: Responder) -> None:
        await answer.head(200, STREAM)
        await answer.piece(HELLO[0])
        await answer.left()
        left.set()

    with upstream(behave) as above, relaying(above) as served:
        with opened(served.origin, REQUEST) as response:
            assert response.read1(len(HELLO[0])) == HELLO[0]
        assert left.wait(30)


def test_a_client_that_leaves_before_the_answer_ends_the_upstreams_request() -> None:
    asked, left = Event(), Event()

    async def behave(answer: Responder) -> None:
        asked.set()
        await answer.left()
        left.set()

    with upstream(behave) as above, relaying(above) as served:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=30)
        connection.request("POST", PATH, REQUEST, SAYS_JSON)
        assert asked.wait(30)
        connection.close()
        assert left.wait(30)


def test_the_upstream_is_read_no_faster_than_the_client_reads() -> None:
    sent = 0
    total = 256

    async def behave(answer: Responder) -> None:
        nonlocal sent
        if answer.request.json.get("stream"):
            await answer.head(200, STREAM)
            for _ in range(total):
                await answer.piece(b"x" * 1024 * 1024)
                sent += 1
        await answer.whole(200, JSON, COMPLETION)

    body = json.dumps({**json.loads(REQUEST), "stream": True}).encode()
    with upstream(behave) as above, relaying(above) as served, opened(served.origin, body) as response:
        assert response.read1(1) == b"x"
        for _ in range(60):
            assert chat(served.origin).status == 200
        assert sent < total / 2


async def test_many_concurrent_requests_share_a_pool(serve: Serve, server: RunningServer, key: str) -> None:
    with serve(upstream=server.base_url, mode="passthrough") as served:
        async with AsyncOpenAI(base_url=served.base_url, api_key=key, max_retries=0) as client:
            texts = [f"number {index}" for index in range(40)]
            answers = await asyncio.gather(
                *(
                    client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])
                    for text in texts
                )
            )
    assert [answer.choices[0].message.content for answer in answers] == texts
