"""Streams of responses through the official client: events, their order, and the client's own accumulator."""

from typing import Any

import httpx2
import orjson
import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.responses import FunctionToolParam, ResponseStreamEvent
from pydantic import BaseModel

from chatdouble.core.sse import read_frames
from chatdouble.testing.server import RunningServer

WEATHER: FunctionToolParam = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    "strict": None,
}
NEWS: FunctionToolParam = {**WEATHER, "name": "get_news"}


class Place(BaseModel):
    """A structured answer."""

    city: str


REQUESTS: dict[str, dict[str, Any]] = {
    "text": {"model": "gpt-4o", "input": "One two three"},
    "reasoning": {"model": "gpt-5", "input": "One two", "reasoning": {"summary": "auto"}},
    "tool": {"model": "gpt-4o", "input": "weather in 'Paris'", "tools": [WEATHER]},
    "tools": {"model": "gpt-4o", "input": "weather and news", "tools": [WEATHER, NEWS]},
    "custom": {"model": "gpt-5", "input": "Use code_exec", "tools": [{"type": "custom", "name": "code_exec"}]},
    "refusal": {"model": "gpt-4o", "input": "[[refuse: No.]]"},
    "incomplete": {"model": "gpt-4o", "input": "word " * 40, "max_output_tokens": 16},
    "logprobs": {"model": "gpt-4o", "input": "One two", "include": ["message.output_text.logprobs"]},
    "object": {"model": "gpt-4o", "input": "JSON", "text": {"format": {"type": "json_object"}}},
}


def kinds(events: list[ResponseStreamEvent]) -> list[str]:
    """Return the types of events, those that repeat once."""
    found: list[str] = []
    for event in events:
        if not found or found[-1] != event.type:
            found.append(event.type)
    return [kind.removeprefix("response.") for kind in found]


def of_one(output: Any) -> Any:
    """Return output without ids and random numbers, which differ from request to request."""
    left_out = {"id", "call_id", "logprobs", "encrypted_content"}
    if isinstance(output, dict):
        return {key: of_one(value) for key, value in output.items() if key not in left_out}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return [of_one(item) for item in output] if isinstance(output, list) else output  # pyright: ignore[reportUnknownVariableType]


@pytest.mark.parametrize("name", [name for name in REQUESTS if name != "incomplete"])
def test_the_clients_accumulator_agrees_with_the_whole_answer(client: OpenAI, name: str) -> None:
    with client.responses.stream(**REQUESTS[name]) as stream:
        gathered = stream.get_final_response()
    create: Any = client.responses.create
    whole = create(**REQUESTS[name])
    assert of_one(gathered.model_dump(mode="json")["output"]) == of_one(
        [{**item, **({"parsed_arguments": None} if item["type"] == "function_call" else {})} for item in _parsed(whole)]
    )
    assert (gathered.status, gathered.usage) == (whole.status, whole.usage)


def _parsed(whole: Any) -> list[dict[str, Any]]:
    """Return the output of a whole answer with the keys that the client's accumulator adds."""
    items: list[dict[str, Any]] = whole.model_dump(mode="json")["output"]
    for item in items:
        for part in item.get("content") or () if item["type"] == "message" else ():
            if part["type"] == "output_text":
                part["parsed"] = None
    return items


@pytest.mark.parametrize("name", REQUESTS)
def test_events_are_numbered_and_the_items_they_end_with_are_those_of_the_answer(client: OpenAI, name: str) -> None:
    events: list[Any] = [*client.responses.create(**REQUESTS[name], stream=True)]
    assert [event.sequence_number for event in events] == [*range(len(events))]
    done = [event.item for event in events if event.type == "response.output_item.done"]
    assert done == events[-1].response.output
    added = [event.item.id for event in events if event.type == "response.output_item.added"]
    assert added == [item.id for item in done]


def test_a_text_has_the_events_of_the_api(client: OpenAI) -> None:
    events = [*client.responses.create(model="gpt-4o", input="One two", stream=True)]
    assert kinds(events) == [
        *("created", "in_progress", "output_item.added", "content_part.added", "output_text.delta"),
        *("output_text.done", "content_part.done", "output_item.done", "completed"),
    ]
    first: Any = events[0]
    assert (first.response.status, first.response.output, first.response.usage) == ("in_progress", [], None)


def test_calls_come_one_after_another(client: OpenAI) -> None:
    events = [*client.responses.create(**REQUESTS["tools"], stream=True)]
    block = ["output_item.added", "function_call_arguments.delta", "function_call_arguments.done", "output_item.done"]
    assert kinds(events) == ["created", "in_progress", *block, *block, "completed"]


def test_reasoning_comes_first_with_its_summary(client: OpenAI) -> None:
    assert kinds([*client.responses.create(**REQUESTS["reasoning"], stream=True)])[2:9] == [
        *("output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta"),
        *("reasoning_summary_text.done", "reasoning_summary_part.done", "output_item.done", "output_item.added"),
    ]


def test_custom_tools_refusals_and_the_end_have_events_of_their_own(client: OpenAI) -> None:
    custom = kinds([*client.responses.create(**REQUESTS["custom"], stream=True)])
    assert "custom_tool_call_input.delta" in custom
    assert "custom_tool_call_input.done" in custom
    refusal = kinds([*client.responses.create(**REQUESTS["refusal"], stream=True)])
    assert refusal[4:6] == ["refusal.delta", "refusal.done"]
    assert kinds([*client.responses.create(**REQUESTS["incomplete"], stream=True)])[-1] == "incomplete"


def test_the_client_parses_a_streamed_schema(client: OpenAI) -> None:
    with client.responses.stream(model="gpt-4o", input="A place", text_format=Place) as stream:
        assert isinstance(stream.get_final_response().output_parsed, Place)


async def test_the_asynchronous_client_streams(async_client: AsyncOpenAI) -> None:
    async with async_client.responses.stream(model="gpt-4o", input="One two") as stream:
        texts = [event.delta async for event in stream if event.type == "response.output_text.delta"]
    assert "".join(texts) == "One two"
    assert len(texts) > 1


def _frames(server: RunningServer, key: str, **request: Any) -> list[dict[str, Any]]:
    headers = {"authorization": f"Bearer {key}"}
    body = {"model": "gpt-4o", "input": "One two three four", "stream": True, **request}
    answer = httpx2.post(f"{server.base_url}/responses", json=body, headers=headers)
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    frames = read_frames(answer.content)
    names = [next(line.value.decode() for line in frame.lines() if line.name == b"event") for frame in frames]
    events: list[dict[str, Any]] = [orjson.loads(frame.data or b"") for frame in frames]
    assert names == [event["type"] for event in events]
    return events


def test_frames_name_their_event_and_no_done_follows(server: RunningServer, key: str) -> None:
    events = _frames(server, key)
    assert events[-1]["type"] == "response.completed"
    assert "billing" not in events[-1]["response"]
    for event in events:
        assert [*event][1:] == sorted(key for key in event if key != "type")


def test_deltas_are_padded_to_sixteen_characters(server: RunningServer, key: str) -> None:
    deltas = [event for event in _frames(server, key) if event["type"].endswith(".delta")]
    assert all((len(event["delta"]) + len(event["obfuscation"])) % 16 == 0 for event in deltas)
    bare = _frames(server, key, stream_options={"include_obfuscation": False})
    assert not any("obfuscation" in event for event in bare)
