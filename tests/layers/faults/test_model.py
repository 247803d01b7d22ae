"""Faults of the model, on answers that are not the server's own."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import orjson
import pytest

from calls import call
from chatdouble.backend import Relay, Reply
from chatdouble.core.sse import write_frame
from chatdouble.layers.faults.model import EmptyAnswer, ModelFault
from pieces import chunk, fault


async def pieces(*data: bytes) -> AsyncIterator[bytes]:
    for piece in data:
        yield piece


async def after(name: str, reply: Reply, **request: Any) -> Any:
    found: Any = fault(name)
    return await found.on_reply(reply, call(**request))


CALL = {"id": "call_1", "type": "custom", "custom": {"name": "run", "input": "print(1)"}}


def completion(**message: Any) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": None, **message}, "finish_reason": "stop"}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [choice], "vendor": 1}


def streamed() -> Iterator[bytes]:
    yield b": ping\r\n\r\n"
    for delta in ({"role": "assistant", "content": ""}, {"content": "Hello"}):
        yield b"data: " + orjson.dumps(chunk(delta)) + b"\r\n\r\n"
    yield write_frame(b"[DONE]")


@pytest.mark.parametrize("data", [[orjson.dumps(completion(content="Hello"))], [*streamed()]])
async def test_a_relayed_answer_is_changed_whole_or_streamed(data: list[bytes]) -> None:
    answer = await after("empty_answer", Relay(200, [], pieces(*data)))
    assert answer["choices"][0]["message"]["content"] == ""
    assert answer["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    ("status", "data"),
    [(429, b'{"choices": []}'), (200, b"<h1>Hi</h1>"), (200, b'{"error": {}}'), (200, b""), (200, b"data: {}\n\n")],
)
async def test_a_relay_without_a_completion_stays_as_it_is(status: int, data: bytes) -> None:
    answer = await after("refusal", Relay(status, [(b"x-a", b"b")], pieces(data[:3], data[3:]), paced=True))
    assert isinstance(answer, Relay)
    assert (answer.status, answer.headers, answer.paced) == (status, [(b"x-a", b"b")], True)
    assert b"".join([piece async for piece in answer.body]) == data


async def test_what_a_vendor_adds_stays() -> None:
    given = completion(content="Hello", reasoning_content="Hm")
    answer = await after("empty_answer", given)
    assert (answer["vendor"], answer["choices"][0]["message"]["reasoning_content"]) == (1, "Hm")
    assert given["choices"][0]["message"]["content"] == "Hello"


async def test_custom_tools_and_legacy_calls_are_changed_too() -> None:
    answer = await after("truncated_tool_arguments", completion(tool_calls=[CALL]))
    assert answer["choices"][0]["message"]["tool_calls"][0]["custom"]["input"] == "prin"
    legacy = completion(function_call={"name": "f", "arguments": '{"a":1}'})
    functions = [{"name": "f", "parameters": {"properties": {"a": {"type": "integer"}}}}]
    answer = await after("invalid_tool_arguments", legacy, functions=functions)
    assert answer["choices"][0]["message"]["function_call"]["arguments"] == '{"a":"not of this type"}'
    answer = await after("unoffered_tool", legacy, functions=functions)
    assert answer["choices"][0]["message"]["function_call"]["name"] == "f_v2"


async def test_a_custom_tools_input_cannot_violate_parameters() -> None:
    answer = await after("invalid_tool_arguments", completion(tool_calls=[CALL]))
    assert answer["choices"][0]["message"]["tool_calls"] == [CALL]


def test_a_fault_of_the_model_leaves_the_wire_alone() -> None:
    made = fault("empty_answer")
    assert isinstance(made, EmptyAnswer | ModelFault)
    frames = [(0.0, b"data: {}\n\n")]
    assert [*made.on_frames(iter(frames))] == frames
