"""Completions have the real API's keys, follow the request, and take overrides."""

from typing import Any

import pytest

from calls import NOW, call
from chatdouble.answer.compose import compose
from chatdouble.answer.draft import Draft
from chatdouble.core.json import is_array, is_object
from chatdouble.schema.completion import Choice, Completion, FunctionToolCall, ToolCall
from corpora import full_corpora
from recorded_exchanges import exchanges


def called(name: str = "look_up", arguments: str = '{"word":"owl"}', id: str = "") -> FunctionToolCall:  # noqa: A002 - the API's own word
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calls_of(choice: Choice) -> list[ToolCall]:
    return choice["message"].get("tool_calls") or []


async def answer(draft: Draft | str = "Hello", **request: Any) -> Completion:
    said = Draft(content=draft) if isinstance(draft, str) else draft
    return await compose(call(**request), [said])


def keys(value: Any) -> Any:
    """Return the keys of an object and of the objects in it, in order."""
    if is_object(value):
        return [(key, keys(inner)) for key, inner in value.items() if inner is not None] or "empty"
    if is_array(value):
        return [keys(inner) for inner in value[:1]]
    return type(value).__name__


@full_corpora
@pytest.mark.parametrize("name", ["gpt-4o", "gpt-4o-mini", "gpt-5", "gpt-5-mini", "gpt-5.1", "gpt-4.1-nano"])
async def test_a_completion_has_the_keys_of_recorded_ones_in_their_order(name: str) -> None:
    recorded = [
        row["response_body"]
        for row in exchanges()
        if row["request_body"]["model"] == name
        and row["response_body"]["created"] > 1_750_000_000
        and not row["response_body"]["choices"][0]["message"].get("tool_calls")
        and row["response_body"]["choices"][0]["message"].get("content")
    ]
    ours = await answer(model=name)
    assert recorded
    for theirs in recorded:
        assert list(theirs) == list(ours)
        assert list(theirs["choices"][0]) == list(ours["choices"][0])
        assert list(theirs["choices"][0]["message"]) == list(ours["choices"][0]["message"])
        assert keys(theirs["usage"]) == keys(ours.get("usage"))
        assert theirs["model"] == ours["model"]


async def test_a_completion_has_the_current_time_which_its_id_encodes() -> None:
    made = await answer()
    assert made["created"] == int(NOW)
    assert made["id"].startswith("chatcmpl-Bv")


async def test_the_same_call_gets_the_same_completion() -> None:
    assert await answer() == await answer()


async def test_completions_of_one_session_have_different_ids() -> None:
    first = await compose(call(ordinal=1), [Draft(content="Hello")])
    second = await compose(call(ordinal=2), [Draft(content="Hello")])
    assert first["id"] != second["id"]


async def test_the_last_draft_is_used_for_choices_without_a_draft() -> None:
    made = await compose(call(n=3), [Draft(content="a"), Draft(content="b")])
    assert [choice["message"]["content"] for choice in made["choices"]] == ["a", "b", "b"]
    assert [choice["index"] for choice in made["choices"]] == [0, 1, 2]


async def test_usage_counts_the_tokens_of_all_choices() -> None:
    one, three = await answer("Hello there"), await answer("Hello there", n=3)
    assert "usage" in one
    assert "usage" in three
    assert three["usage"]["completion_tokens"] == 3 * one["usage"]["completion_tokens"]
    assert three["usage"]["prompt_tokens"] == one["usage"]["prompt_tokens"]


async def test_a_tool_call_without_an_id_gets_one() -> None:
    made = await answer(Draft(tool_calls=[called(), called(id="call_mine")]))
    ids = [tool_call["id"] for tool_call in calls_of(made["choices"][0])]
    assert ids[0].startswith("call_")
    assert len(ids[0]) == 29
    assert ids[1] == "call_mine"


async def test_choices_that_share_a_draft_have_different_tool_call_ids() -> None:
    made = await answer(Draft(tool_calls=[called()]), n=2)
    ids = [calls_of(choice)[0]["id"] for choice in made["choices"]]
    assert len(set(ids)) == 2


async def test_content_is_null_if_tools_are_called() -> None:
    message = (await answer(Draft(tool_calls=[called()])))["choices"][0]["message"]
    assert list(message) == ["role", "content", "tool_calls", "refusal", "annotations"]
    assert message["content"] is None


async def test_a_legacy_call_stands_where_recorded_ones_do() -> None:
    made = await answer(Draft(function_call={"name": "look_up", "arguments": "{}"}))
    assert list(made["choices"][0]["message"]) == [
        "role",
        "content",
        "function_call",
        "refusal",
        "annotations",
    ]
    assert made["choices"][0]["finish_reason"] == "function_call"


async def test_content_is_null_in_a_refusal() -> None:
    message = (await answer(Draft(refusal="I cannot help with that.")))["choices"][0]["message"]
    assert message["content"] is None
    assert message.get("refusal") == "I cannot help with that."


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(None, "default"), ("auto", "default"), ("default", "default"), ("flex", "flex"),
     ("priority", "priority"), ("fast", "priority")],
)  # fmt: skip
async def test_the_service_tier_follows_the_one_asked_for(asked: str | None, expected: str) -> None:
    assert (await answer(service_tier=asked)).get("service_tier") == expected


async def test_overrides_leave_the_other_fields() -> None:
    made = await compose(
        call(),
        [Draft(content="Hello")],
        {"system_fingerprint": "fp_mine", "usage": {"prompt_tokens": 1000}, "metadata": {"a": "b"}},
    )
    assert "usage" in made
    assert made.get("system_fingerprint") == "fp_mine"
    assert made["usage"]["prompt_tokens"] == 1000
    assert made["usage"]["total_tokens"] == 1000 + made["usage"]["completion_tokens"]
    assert list(made)[-1] == "metadata"


async def test_an_answer_that_is_stored_does_not_repeat_its_metadata() -> None:
    assert "metadata" not in await answer(store=True, metadata={"a": "b"})


async def test_a_search_model_names_the_tier_in_streams_alone() -> None:
    assert "service_tier" not in await answer(model="gpt-4o-search-preview")
    assert "service_tier" in await answer(model="gpt-4o-search-preview", stream=True)


async def test_a_citation_of_truncated_text_is_dropped() -> None:
    cited = Draft(
        content="See the page. More.",
        annotations=[
            {
                "type": "url_citation",
                "url_citation": {
                    "end_index": 12,
                    "start_index": 4,
                    "title": "t",
                    "url": "https://example.com",
                },
            }
        ],
    )
    assert (await answer(cited))["choices"][0]["message"].get("annotations") == cited.annotations
    assert (await answer(cited, stop="page"))["choices"][0]["message"].get("annotations") == []


async def test_choices_of_one_text_share_what_is_left_of_it() -> None:
    made = await answer("one two three four", n=3, max_completion_tokens=2)
    first, second, third = (choice["message"]["content"] for choice in made["choices"])
    assert first == "one two"
    assert first is second is third
