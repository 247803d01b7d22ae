"""Streams through the official Python client: chunks and the `.stream()` helper."""

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import BaseModel

TEXT = "One two three four, and so on."
ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": TEXT}]
WEATHER: ChatCompletionToolParam = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer", "minimum": 1}},
            "required": ["city", "days"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}


class Place(BaseModel):
    """A structured answer."""

    city: str
    inhabitants: int


class Asked(BaseModel):
    """The arguments of get_weather."""

    city: str
    days: int


def test_chunks_spell_the_text_and_then_stop(client: OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="gpt-4o", messages=ASKED, stream=True))
    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    assert chunks[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == TEXT
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == "stop"
    assert all(chunk.choices[0].finish_reason is None for chunk in chunks[:-1])
    assert all(chunk.usage is None for chunk in chunks)
    assert len(chunks) > 5


def test_usage_comes_in_a_last_chunk_without_choices(client: OpenAI) -> None:
    chunks = list(
        client.chat.completions.create(
            model="gpt-4o", messages=ASKED, stream=True, stream_options={"include_usage": True}
        )
    )
    *before, last = chunks
    assert last.choices == []
    assert last.usage is not None
    whole = client.chat.completions.create(model="gpt-4o", messages=ASKED).usage
    assert whole is not None
    assert last.usage.completion_tokens == whole.completion_tokens
    assert last.usage.prompt_tokens == whole.prompt_tokens
    assert all(chunk.usage is None for chunk in before)


async def test_an_async_stream_spells_the_text(async_client: AsyncOpenAI) -> None:
    stream = await async_client.chat.completions.create(model="gpt-5", messages=ASKED, stream=True)
    parts = [chunk.choices[0].delta.content or "" async for chunk in stream]
    assert "".join(parts) == TEXT


def test_every_choice_of_a_stream_is_complete(client: OpenAI) -> None:
    texts = {0: "", 1: "", 2: ""}
    ended: dict[int, str] = {}
    for chunk in client.chat.completions.create(model="gpt-4o", messages=ASKED, stream=True, n=3):
        for choice in chunk.choices:
            texts[choice.index] += choice.delta.content or ""
            if choice.finish_reason:
                ended[choice.index] = choice.finish_reason
    assert ended == {0: "stop", 1: "stop", 2: "stop"}
    assert all(texts.values())


def test_logprobs_come_with_their_deltas(client: OpenAI) -> None:
    spelled = ""
    for chunk in client.chat.completions.create(
        model="gpt-4o", messages=ASKED, stream=True, logprobs=True, top_logprobs=2
    ):
        logprobs = chunk.choices[0].logprobs
        tokens = (logprobs.content if logprobs else None) or []
        assert "".join(token.token for token in tokens) == (chunk.choices[0].delta.content or "")
        spelled += "".join(token.token for token in tokens)
    assert spelled == TEXT


def test_a_client_stays_usable_after_closing_a_stream_early(client: OpenAI) -> None:
    with client.chat.completions.create(model="gpt-4o", messages=ASKED, stream=True) as stream:
        next(iter(stream))
    assert client.chat.completions.create(model="gpt-4o", messages=ASKED).choices[0].message.content == TEXT


def test_a_stream_has_the_headers_of_a_stream(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=ASKED, stream=True)
    assert raw.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert raw.headers["x-request-id"].startswith("req_")
    with raw.parse() as stream:
        assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == TEXT


def test_the_stream_helper_accumulates_the_text(client: OpenAI) -> None:
    with client.chat.completions.stream(model="gpt-4o", messages=ASKED) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= set(kinds)
    assert final.choices[0].message.content == TEXT
    assert final.choices[0].finish_reason == "stop"


async def test_the_async_stream_helper_accumulates_the_text(async_client: AsyncOpenAI) -> None:
    async with async_client.chat.completions.stream(
        model="gpt-4o", messages=ASKED, stream_options={"include_usage": True}
    ) as stream:
        await stream.until_done()
        final = await stream.get_final_completion()
    assert final.choices[0].message.content == TEXT
    assert final.usage is not None


def test_the_stream_helper_parses_structured_output(client: OpenAI) -> None:
    with client.chat.completions.stream(model="gpt-4o", messages=ASKED, response_format=Place) as stream:
        for event in stream:
            if event.type == "content.done":
                assert isinstance(event.parsed, Place)
        parsed = stream.get_final_completion().choices[0].message.parsed
    assert isinstance(parsed, Place)


@pytest.mark.parametrize("model", ["gpt-4o", "gpt-5"])
def test_the_stream_helper_accumulates_tool_calls(client: OpenAI, model: str) -> None:
    with client.chat.completions.stream(model=model, messages=ASKED, tools=[WEATHER], tool_choice="required") as stream:
        done = [event for event in stream if event.type == "tool_calls.function.arguments.done"]
        final = stream.get_final_completion()
    assert [event.name for event in done] == ["get_weather"]
    [called] = final.choices[0].message.tool_calls or []
    assert called.id.startswith("call_")
    assert Asked.model_validate(called.function.parsed_arguments).days >= 1
    assert final.choices[0].finish_reason in {"stop", "tool_calls"}
