"""Echo's answers in text, and the requests' options that they follow."""

from typing import Any

import pytest

from chatdouble.core.errors import APIError
from chatdouble_backends.echo import REFUSAL
from echoed import TIME, WEATHER, answered, choice, said, turn, user


async def test_the_last_user_text_is_the_answer() -> None:
    history = [user("first"), {"role": "assistant", "content": "x"}, user("second")]
    assert await said(messages=history) == "second"
    assert await said(messages=[*history, {"role": "assistant", "content": "prefill"}]) == "second"


async def test_the_texts_of_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert await said(messages=[{"role": "user", "content": parts}]) == "a\nb"


IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
FILE = {"type": "file", "file": {"file_id": "file-1"}}
AUDIO = {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([IMAGE], "I received 1 image."),
        ([IMAGE, IMAGE, FILE], "I received 2 images and 1 file."),
        ([IMAGE, AUDIO, FILE, FILE], "I received 1 image, 1 audio clip and 2 files."),
    ],
)
async def test_the_answer_to_a_message_without_text_lists_its_media(parts: list[Any], expected: str) -> None:
    assert await said(messages=[{"role": "user", "content": parts}]) == expected


async def test_the_last_message_is_the_answer_if_none_is_the_users() -> None:
    assert await said(messages=[{"role": "system", "content": "a"}, {"role": "developer", "content": "b"}]) == "b"


@pytest.mark.parametrize(("directive", "expected"), [("[[refuse]]", REFUSAL), ("no [[refuse: I won't.]]", "I won't.")])
async def test_a_directive_asks_for_a_refusal(directive: str, expected: str) -> None:
    made = await choice(messages=directive, tools=[WEATHER], tool_choice="required")
    assert made["message"].get("refusal") == expected
    assert made["message"]["content"] is None
    assert made["finish_reason"] == "stop"


async def test_a_directive_sets_the_finish_reason_and_is_not_in_the_answer() -> None:
    made = await choice(messages="Hello [[finish:content_filter]]")
    assert made["message"]["content"] == "Hello"
    assert made["finish_reason"] == "content_filter"
    assert (await choice(messages="Hello [[finish:never]]"))["finish_reason"] == "stop"


async def test_limits_truncate_the_answer() -> None:
    assert await said(messages="one two three", stop=" two") == "one"
    made = await choice(messages="one two three", max_tokens=1)
    assert (made["message"]["content"], made["finish_reason"]) == ("one", "length")


async def test_a_search_is_cited() -> None:
    made = await choice(model="gpt-4o-search-preview", messages="news", web_search_options={})
    assert len(made["message"].get("annotations", [])) == 1


async def test_an_answer_has_n_choices() -> None:
    assert [one["message"]["content"] for one in (await answered(n=3))["choices"]] == ["Hello"] * 3


async def test_the_answer_to_results_of_tools_quotes_them() -> None:
    asked = [user("Use get_weather and get_time")]
    results = [*turn("get_weather", '{"temp": 20}'), *turn("get_time", "noon", "call_2")[1:]]
    results[0]["tool_calls"].append(
        {"id": "call_2", "type": "function", "function": {"name": "get_time", "arguments": ""}}
    )
    made = await said(messages=[*asked, *results], tools=[WEATHER, TIME], headers={"x-double-call": "get_time"})
    assert made == 'get_weather returned: {"temp": 20}\nget_time returned: noon'


async def test_the_answer_to_a_legacy_result_quotes_it() -> None:
    result = {"role": "function", "name": "find", "content": "42"}
    made = {"role": "assistant", "content": None, "function_call": {"name": "find", "arguments": "{}"}}
    assert await said(messages=[user("find"), made, result], functions=[{"name": "find"}]) == "find returned: 42"


async def test_a_result_without_a_call_is_quoted() -> None:
    orphan = {"role": "tool", "tool_call_id": "call_9", "content": "42"}
    assert await said(messages=[user("Hi"), *turn("f", "1"), orphan]) == "f returned: 1\nThe tool returned: 42"


async def test_audio_that_the_session_never_had_is_not_found() -> None:
    history = [user("Hi"), {"role": "assistant", "audio": {"id": "audio_1"}}, user("Go on")]
    with pytest.raises(APIError, match=r"Assistant audio audio_1 not found\."):
        await answered(model="gpt-4o-audio-preview", modalities=["text", "audio"], messages=history)
