"""A prompt that begins as an earlier one of its session did is partly cached."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import call, services
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.backend import Services
from chatdouble.schema.completion import PromptTokensDetails
from chatdouble.tokens.caching import STEP
from chatdouble.tokens.usage import LEAST_CACHED

LONG = "word " * 1500
PICTURE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}


async def details(shared: Services, messages: Any, session: str = "sk-test", **request: Any) -> PromptTokensDetails:
    made = await compose(call(shared=shared, session=session, messages=messages, **request), [Draft(content="Hello")])
    assert "usage" in made
    assert "prompt_tokens_details" in made["usage"]
    return made["usage"]["prompt_tokens_details"]


async def cached(shared: Services, messages: Any, session: str = "sk-test", **request: Any) -> int:
    return (await details(shared, messages, session, **request)).get("cached_tokens", -1)


async def test_what_was_sent_before_is_cached() -> None:
    shared = services()
    assert await cached(shared, LONG) == 0
    assert await cached(shared, LONG) == 1408


async def test_the_next_turn_finds_the_earlier_ones() -> None:
    shared = services()
    first = [{"role": "user", "content": LONG}]
    await cached(shared, first)
    turns = [*first, {"role": "assistant", "content": LONG}, {"role": "user", "content": "And now?"}]
    assert await cached(shared, turns) == 1408
    assert await cached(shared, turns) > 2816


async def test_a_short_prompt_is_not_cached() -> None:
    shared = services()
    await cached(shared, "word " * 900)
    assert await cached(shared, "word " * 900) == 0


async def test_another_beginning_is_not_cached() -> None:
    shared = services()
    await cached(shared, LONG)
    assert await cached(shared, "Other " + LONG) == 0


async def test_another_session_key_or_model_has_a_cache_of_its_own() -> None:
    shared = services()
    await cached(shared, LONG)
    assert await cached(shared, LONG, session="sk-other") == 0
    assert await cached(shared, LONG, prompt_cache_key="mine") == 0
    assert await cached(shared, LONG, model="gpt-4o-mini") == 0


async def test_the_older_models_do_not_cache() -> None:
    shared = services()
    await cached(shared, LONG, model="gpt-4")
    assert await cached(shared, LONG, model="gpt-4") == 0


async def test_writes_are_counted_where_the_family_counts_them() -> None:
    shared = services()
    first = await details(shared, LONG, model="gpt-5.6-sol")
    again = await details(shared, LONG, model="gpt-5.6-sol")
    assert (first.get("cached_tokens"), first.get("cache_write_tokens")) == (0, 1408)
    assert (again.get("cached_tokens"), again.get("cache_write_tokens")) == (1408, 0)


@pytest.mark.parametrize(("mark", "read"), [({}, 0), ({"prompt_cache_breakpoint": {"mode": "explicit"}}, 1408)])
async def test_an_explicit_cache_ends_at_its_last_breakpoint(mark: dict[str, Any], read: int) -> None:
    shared = services()
    content: list[Any] = [{"type": "text", "text": LONG, **mark}, {"type": "text", "text": LONG}]
    request: dict[str, Any] = {"model": "gpt-5.6-sol", "prompt_cache_options": {"mode": "explicit"}}
    messages = [{"role": "user", "content": content}]
    await cached(shared, messages, **request)
    assert await cached(shared, messages, **request) == read


async def test_images_tools_and_calls_are_part_of_the_prompt() -> None:
    shared = services()
    made = [{"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": "{}"}}]
    messages = [
        {"role": "user", "content": [PICTURE, {"type": "text", "text": "word " * 600}]},
        {"role": "assistant", "tool_calls": made},
        {"role": "tool", "tool_call_id": "call_1", "content": "owl"},
    ]
    tools = [{"type": "function", "function": {"name": "look_up"}}]
    await cached(shared, messages, tools=tools)
    assert await cached(shared, messages, tools=tools) > LEAST_CACHED
    assert await cached(shared, messages) == 0


def described(words: int, name: str = "look_up") -> dict[str, Any]:
    """Return a tool whose description has so many words; the prompt has that before the name."""
    return {"type": "function", "function": {"name": name, "description": f"{name}: " + "word " * words}}


@pytest.mark.parametrize(("words", "read"), [(500, 0), (1100, 1024), (1500, 1408), (3000, 2944)])
async def test_other_prompts_with_the_same_tools_find_what_is_before_them(words: int, read: int) -> None:
    shared = services()
    assert await cached(shared, "one " * 900, tools=[described(words)]) == 0
    assert await cached(shared, "two " * 900, tools=[described(words)]) == read
    assert await cached(shared, "two " * 900, tools=[described(words, "look")]) == 0


async def test_other_tools_that_begin_the_same_find_what_is_the_same() -> None:
    shared, first = services(), described(1300)
    await cached(shared, "Hello", tools=[first, described(700, "one")])
    assert await cached(shared, "Hello", tools=[first, described(700, "two")]) == 1280


async def test_a_conversation_with_tools_finds_its_earlier_turns_past_the_tools() -> None:
    shared, tools = services(), [described(1500)]
    first = [{"role": "user", "content": LONG}]
    await cached(shared, first, tools=tools)
    turns = [*first, {"role": "assistant", "content": LONG}, {"role": "user", "content": "And now?"}]
    assert await cached(shared, turns, tools=tools) == 2944
    assert await cached(shared, turns, tools=tools) == 4480


@pytest.mark.parametrize(("mark", "read"), [({}, 0), ({"prompt_cache_breakpoint": {"mode": "explicit"}}, 2944)])
async def test_an_explicit_cache_has_tools_only_where_a_breakpoint_follows(mark: dict[str, Any], read: int) -> None:
    shared = services()
    content: list[Any] = [{"type": "text", "text": LONG, **mark}, {"type": "text", "text": LONG}]
    request: dict[str, Any] = {"model": "gpt-5.6-sol", "prompt_cache_options": {"mode": "explicit"}}
    for expected in (0, read):
        messages = [{"role": "user", "content": content}]
        assert await cached(shared, messages, tools=[described(1500)], **request) == expected


@given(st.integers(0, 4000), st.integers(0, 4000))
async def test_cached_tokens_are_whole_steps_within_the_shared_prefix(same: int, more: int) -> None:
    shared = services()
    await cached(shared, "word " * same + "one " * more)
    read = await cached(shared, "word " * same + "two " * more)
    assert read == 0 or (read >= LEAST_CACHED and (read - LEAST_CACHED) % STEP == 0)
    assert not more or read <= same + 4
