"""A client that reads nothing has the server hold little of a long stream."""

import asyncio
import json
import socket
import tracemalloc
import weakref
from typing import Any

import pytest

from calls import call
from chatdouble.apis.chat import CHAT
from chatdouble.backend import Call
from chatdouble.core.json import encode
from chatdouble.http.sending import Sender
from chatdouble.schema.completion import Completion
from chatdouble.testing.server import running
from completions import said
from deliveries import Recorded
from raw import control, post
from transport_apps import app
from wires import speaking

MOST = 256 * 1024
UNREAD = 16 * 1024
"""The bytes that the connection holds before it waits."""
LONG = said("word " * 200_000)
IN_PARTS = said("🧑‍🚀ꙮ" * 40_000)


async def held(answer: Completion, asked: Call) -> int:
    """Return the bytes that are held for a client that reads nothing after the fourth piece of a stream."""
    stopped, sent = asyncio.Event(), 0

    async def send(sending: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == 5:
            stopped.set()
            await asyncio.Future[None]()

    asked.send = send
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    task = asyncio.ensure_future(Sender(asked, CHAT.codec, []).send(answer))
    try:
        await stopped.wait()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
        task.cancel()


@pytest.mark.parametrize("answer", [LONG, IN_PARTS], ids=["long", "characters in parts"])
@pytest.mark.parametrize("paced", [False, True])
def test_of_a_long_stream_a_stalled_reader_has_little_held(answer: Completion, paced: bool) -> None:
    asked = call(model="gpt-5", stream=True)
    # The vocabulary is loaded before.
    text = answer["choices"][0]["message"]["content"] or ""
    assert list(asked.services.tokens[asked.model.encoding].encoded_pieces(text[:100]))
    assert list(CHAT.codec.writes(said("word"), asked))  # so are the modules of streams
    if paced:
        asked.delivery.pace = Recorded()
    assert len(encode(answer)) > 2 * MOST
    assert asyncio.run(held(answer, asked)) + UNREAD < MOST


class _Seen(dict[str, Any]):
    """An object that tells when it is freed."""


async def test_of_a_long_answer_a_stalled_reader_has_its_bytes_alone() -> None:
    stopped, asked = asyncio.Event(), call()
    asked.delivery.is_long = True
    seen = _Seen(content=[])
    freed = weakref.ref(seen)
    answers: list[Any] = [{**said("word"), "choices": [{**said("word")["choices"][0], "logprobs": seen}]}]
    del seen

    async def send(sending: Any) -> None:
        if sending["type"] == "http.response.body":
            stopped.set()
            await asyncio.Future[None]()

    asked.send = send
    task = asyncio.ensure_future(Sender(asked, CHAT.codec, []).send(answers.pop()))
    await stopped.wait()
    assert freed() is None
    assert asked.result == {**said("word"), "choices": [{"finish_reason": "stop"}]}
    assert b'"logprobs": {' in asked.answer
    task.cancel()


LARGE = {
    "/v1/embeddings": {"model": "text-embedding-3-large", "input": ["hello there"] * 400},
    "/v1/chat/completions": {"model": "gpt-5", "stream": True, "messages": [{"role": "user", "content": "x"}]},
}
"""Requests with answers of more than 15 MB; that of the second one is queued."""


def as_sent(path: str, key: str) -> bytes:
    """Return a request of `LARGE` as bytes."""
    body = json.dumps(LARGE[path])
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key}\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize("path", LARGE)
def test_a_client_that_reads_nothing_gives_way_to_those_that_do(path: str, key: str) -> None:
    with running() as served:
        unread = served.app.shutdown.unread
        unread.most, unread.patience = 1_000_000, 0.0
        control(served, key, "POST", "queue", [{"content": "word " * 120_000}] * 2)
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as stalled:
            stalled.sendall(as_sent(path, key))
            assert stalled.recv(12) == b"HTTP/1.1 200"
            read = post(served.origin, LARGE[path], key, path)
            assert read.status == 200
            assert len(read.body) > 15_000_000
            with pytest.raises(ConnectionResetError):
                read_all(stalled)
        cut, kept = [one for one in control(served, key, "GET", "requests")["data"] if one["path"] == path]
        assert (cut["ended"], kept["ended"]) == ("cut", "completed")
        assert "its client read nothing" in cut["warnings"][0]


def test_a_long_stream_ends_when_its_client_leaves(key: str) -> None:
    path = "/v1/chat/completions"
    with running() as served:
        control(served, key, "POST", "queue", [{"content": "word " * 120_000}])
        with socket.create_connection(("127.0.0.1", served.port), timeout=60) as leaving:
            leaving.sendall(as_sent(path, key))
            assert leaving.recv(12) == b"HTTP/1.1 200"
        entries = [one for one in control(served, key, "GET", "requests")["data"] if one["path"] == path]
        while entries[0]["ended"] == "in flight":
            entries = [one for one in control(served, key, "GET", "requests")["data"] if one["path"] == path]
        assert entries[0]["ended"] == "client left"


def read_all(connection: socket.socket) -> None:
    """Read until the connection ends."""
    while connection.recv(1_000_000):
        pass


def test_a_connection_takes_little_that_is_not_read() -> None:
    async def limited() -> tuple[int | None, int | None]:
        return speaking(app)[1].limits

    assert asyncio.run(limited()) == (UNREAD, None)
