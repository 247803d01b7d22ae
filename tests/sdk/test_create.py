"""Whole answers through `chat.completions.create` of the official Python client."""

import asyncio
import re
from math import exp

import pytest
from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletionMessageParam

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello, is anybody there?"}]


def test_the_last_user_text_is_echoed(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-4o", messages=HELLO)
    [choice] = completion.choices
    assert choice.message.content == "Hello, is anybody there?"
    assert choice.message.role == "assistant"
    assert choice.message.refusal is None
    assert choice.finish_reason == "stop"
    assert completion.object == "chat.completion"
    assert completion.id.startswith("chatcmpl-")
    assert completion.model.startswith("gpt-4o-")


def test_the_usage_adds_up(client: OpenAI) -> None:
    usage = client.chat.completions.create(model="gpt-4o", messages=HELLO).usage
    assert usage is not None
    assert usage.completion_tokens == 6
    assert usage.prompt_tokens == 13
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens
    assert usage.completion_tokens_details is not None
    assert usage.prompt_tokens_details is not None


async def test_concurrent_calls_get_their_own_answers(async_client: AsyncOpenAI) -> None:
    async def ask(text: str) -> str | None:
        completion = await async_client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": text}]
        )
        return completion.choices[0].message.content

    texts = [f"call {number}" for number in range(20)]
    assert await asyncio.gather(*map(ask, texts)) == texts


def test_n_gives_n_choices(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-4o", messages=HELLO, n=3)
    assert [choice.index for choice in completion.choices] == [0, 1, 2]
    assert all(choice.message.content for choice in completion.choices)


def test_max_completion_tokens_truncates_the_text(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-4o", messages=HELLO, max_completion_tokens=2)
    [choice] = completion.choices
    assert choice.message.content == "Hello,"
    assert choice.finish_reason == "length"
    assert completion.usage is not None
    assert completion.usage.completion_tokens == 2


def test_a_stop_sequence_ends_the_text_before_it(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-4o", messages=HELLO, stop=[" any", "there"])
    assert completion.choices[0].message.content == "Hello, is"
    assert completion.choices[0].finish_reason == "stop"


def test_logprobs_spell_the_text(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="gpt-4o", messages=HELLO, logprobs=True, top_logprobs=3)
    logprobs = completion.choices[0].logprobs
    assert logprobs is not None
    assert logprobs.content is not None
    assert "".join(token.token for token in logprobs.content) == "Hello, is anybody there?"
    for token in logprobs.content:
        assert bytes(token.bytes or []).decode() == token.token
        tops = [top.logprob for top in token.top_logprobs]
        assert len(tops) == 3
        assert tops == sorted(tops, reverse=True)
        assert sum(map(exp, tops)) <= 1.0 + 1e-6


def test_the_same_seed_gives_the_same_fingerprint(client: OpenAI) -> None:
    first, second = (client.chat.completions.create(model="gpt-4o", messages=HELLO, seed=7) for _ in range(2))
    assert first.system_fingerprint is not None
    assert first.system_fingerprint == second.system_fingerprint


@pytest.mark.parametrize("model", ["gpt-5", "o3", "gpt-4.1-nano", "gpt-3.5-turbo"])
def test_every_model_family_answers(client: OpenAI, model: str) -> None:
    completion = client.chat.completions.create(model=model, messages=HELLO)
    assert completion.model.startswith(model)


def test_a_conversation_with_all_roles_is_accepted(client: OpenAI) -> None:
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "What is the weather?"}]},
        {
            "role": "assistant",
            "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": '{"sky": "blue"}'},
        {"role": "assistant", "content": "Blue."},
        {"role": "user", "name": "ann", "content": "Thanks!"},
    ]
    completion = client.chat.completions.create(model="gpt-4o", messages=messages)
    assert completion.choices[0].message.content == "Thanks!"


def test_a_raw_response_has_the_apis_headers(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model="gpt-4o", messages=HELLO)
    assert raw.status_code == 200
    assert raw.headers["content-type"] == "application/json"
    assert raw.headers["openai-version"] == "2020-10-01"
    assert raw.headers["openai-organization"]
    assert int(raw.headers["openai-processing-ms"]) >= 0
    request_id = raw.headers["x-request-id"]
    assert request_id.startswith("req_")
    assert raw.request_id == request_id
    assert raw.parse().choices[0].message.content == HELLO[0].get("content")


def test_a_response_can_be_read_line_by_line(client: OpenAI) -> None:
    with client.chat.completions.with_streaming_response.create(model="gpt-4o", messages=HELLO) as response:
        assert response.headers["x-request-id"].startswith("req_")
        body = "".join(response.iter_lines())
    assert '"Hello, is anybody there?"' in body


async def test_an_async_response_can_be_read_in_pieces(async_client: AsyncOpenAI) -> None:
    async with async_client.chat.completions.with_streaming_response.create(model="gpt-4o", messages=HELLO) as response:
        pieces = [piece async for piece in response.iter_text()]
    assert '"Hello, is anybody there?"' in "".join(pieces)


def test_a_stored_completion_can_be_retrieved(client: OpenAI) -> None:
    made = client.chat.completions.create(model="gpt-4o", messages=HELLO, store=True, metadata={"test": "stored"})
    assert client.chat.completions.retrieve(made.id).choices == made.choices
    listed = client.chat.completions.list(metadata={"test": "stored"})
    assert made.id in [completion.id for completion in listed]
    messages = client.chat.completions.messages.list(made.id)
    assert [message.content for message in messages] == [HELLO[0].get("content")]
    assert client.chat.completions.update(made.id, metadata={"test": "changed"}).metadata == {"test": "changed"}
    assert client.chat.completions.delete(made.id).deleted


def test_an_unknown_model_answers_like_a_current_one(client: OpenAI) -> None:
    completion = client.chat.completions.create(model="my-model", messages=[{"role": "user", "content": "Hello!"}])
    assert completion.choices[0].message.content == "Hello!"
    assert completion.choices[0].message.annotations == []
    assert re.fullmatch(r"chatcmpl-[0-9A-Za-z]{29}", completion.id)
    assert completion.model == "my-model"
