"""A client that reads nothing has the server hold little of a long stream."""

import asyncio
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
from completions import said
from deliveries import Recorded
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


def test_a_connection_takes_little_that_is_not_read() -> None:
    async def limited() -> tuple[int | None, int | None]:
        return speaking(app)[1].limits

    assert asyncio.run(limited()) == (UNREAD, None)
