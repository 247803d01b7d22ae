"""Responses of backends that stream chunks: their text leaves piece by piece, and the rest at the end."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, cast

import openai
import pytest
from openai import OpenAI

from chatdouble.backend import Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.testing.server import RunningServer, running

USAGE = {
    "prompt_tokens": 3,
    "completion_tokens": 9,
    "total_tokens": 12,
    "completion_tokens_details": {"reasoning_tokens": 5},
}


def chunk(delta: dict[str, Any] | None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """Return a chunk; one without a delta has no choices."""
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "gpt-5"}
    return {**head, "choices": choices, **more}


class Chunks:
    """A backend that streams chunks, and waits before the last ones until it is let go.

    Args:
        first: The chunks before the wait.
        last: Those after it; an error is raised.
    """

    uses: frozenset[str] = frozenset()

    def __init__(self, first: Sequence[dict[str, Any]], last: Sequence[dict[str, Any] | APIError]) -> None:
        self.first, self.last = first, last
        self.waits = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None

    def let_go(self) -> None:
        """Let the stream go on; called from the client's thread."""
        assert self.loop is not None
        self.loop.call_soon_threadsafe(self.waits.set)

    async def reply(self, call: Call) -> Reply:
        """Answer with the chunks."""
        del call
        self.loop = asyncio.get_running_loop()
        return cast("Reply", self._chunks())

    async def _chunks(self) -> AsyncIterator[dict[str, Any]]:
        for one in self.first:
            yield one
        await self.waits.wait()
        for last in self.last:
            if isinstance(last, APIError):
                raise last
            yield last


CALL = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
BEGUN = [chunk({"role": "assistant", "content": ""}), chunk({"reasoning_content": "Hm."}), chunk({"content": "One"})]
ENDED: Sequence[dict[str, Any]] = [
    chunk({"content": " two"}),
    chunk({"tool_calls": [CALL]}),
    chunk({}, "tool_calls"),
    chunk(None, usage=USAGE),
]


def client_of(served: RunningServer) -> OpenAI:
    return OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0)


def until_text(stream: Iterator[Any]) -> list[Any]:
    """Return the events up to the first piece of text."""
    events: list[Any] = []
    for event in stream:
        events.append(event)
        if event.type == "response.output_text.delta":
            break
    return events


def test_text_leaves_before_the_backend_goes_on() -> None:
    backend = Chunks(BEGUN, ENDED)
    with running(backend=backend) as served, client_of(served) as client:
        stream = iter(client.responses.create(model="gpt-5", input="Go", stream=True))
        seen = until_text(stream)
        assert seen[-1].delta == "One"
        backend.let_go()
        seen += [*stream]
    assert [event.sequence_number for event in seen] == [*range(len(seen))]
    last = seen[-1].response
    assert [item.type for item in last.output] == ["reasoning", "message", "function_call"]
    assert (last.output_text, last.output[2].arguments, last.usage.output_tokens) == ("One two", '{"a":1}', 9)
    done = [event.item for event in seen if event.type == "response.output_item.done"]
    assert done == last.output
    assert [event.output_index for event in seen if event.type == "response.output_item.added"] == [0, 1, 2]


def test_the_clients_accumulator_and_a_whole_answer_agree() -> None:
    backend = Chunks(BEGUN, ENDED)
    with running(backend=backend) as served, client_of(served) as client:
        with client.responses.stream(model="gpt-5", input="Go") as stream:
            until_text(iter(stream))
            backend.let_go()
            gathered = stream.get_final_response()
        whole = client.responses.create(model="gpt-5", input="Go")
        stored = client.responses.retrieve(gathered.id)
    kinds = ["reasoning", "message", "function_call"]
    assert [[item.type for item in one.output] for one in (gathered, whole, stored)] == [kinds] * 3
    assert gathered.output_text == whole.output_text == stored.output_text == "One two"


def test_reasoning_that_was_not_known_before_the_text_is_counted_only() -> None:
    backend = Chunks([chunk({"content": "One"})], [chunk({}, "stop"), chunk(None, usage=USAGE)])
    with running(backend=backend) as served, client_of(served) as client:
        stream = iter(client.responses.create(model="gpt-5", input="Go", stream=True))
        until_text(stream)
        backend.let_go()
        last: Any = [*stream][-1]
    assert [item.type for item in last.response.output] == ["message"]
    assert last.response.usage.output_tokens_details.reasoning_tokens == 5


def test_an_error_after_the_text_began_fails_the_response() -> None:
    backend = Chunks(BEGUN, [APIError("It broke.", status=500, type="server_error", code="server_error")])
    with running(backend=backend) as served, client_of(served) as client:
        stream = iter(client.responses.create(model="gpt-5", input="Go", stream=True))
        seen = until_text(stream)
        backend.let_go()
        with pytest.raises(openai.APIError, match="It broke"):
            list(stream)
    assert seen[0].type == "response.created"
