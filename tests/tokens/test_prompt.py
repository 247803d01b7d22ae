"""Prompts cost what the real API says they cost."""

from base64 import b64encode
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import TOKENIZERS, model
from chatdouble.answer.sound import wav
from chatdouble.core.json import as_object
from chatdouble.tokens.usage import prompt_tokens
from corpora import full_corpora
from recorded_exchanges import exchanges

TOOLS: Final[dict[str, Any]] = {"tools": [{"type": "function", "function": {"name": "look_up"}}]}
IMAGE: Final = [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]


def count(body: dict[str, Any], name: str = "gpt-4o") -> int:
    asked = model(name)
    return prompt_tokens(body, asked, TOKENIZERS[asked.encoding]).total


def say(content: Any, role: str = "user", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content, **more}]}


def kind_of(body: dict[str, Any]) -> str:
    """Return what makes a recorded prompt special."""
    messages = body["messages"]
    parts = {part["type"] for m in messages if isinstance(m.get("content"), list) for part in m["content"]}
    if parts - {"text"}:
        return "media"
    if body.get("tools") or body.get("functions") or any(m.get("tool_calls") for m in messages):
        return "tools"
    return "schema" if as_object(body.get("response_format")).get("type") == "json_schema" else "plain"


def misses(kind: str) -> list[int]:
    """Return by how many tokens each recorded prompt of a kind is missed."""
    return [
        count(body, body["model"]) - row["response_body"]["usage"]["prompt_tokens"]
        for row in exchanges()
        if kind_of(body := row["request_body"]) == kind
    ]


@full_corpora
@pytest.mark.parametrize(("kind", "exact", "near"), [("plain", 0.95, 0.97), ("schema", 1, 1), ("tools", 0.8, 0.9)])
def test_recorded_prompts_are_counted(kind: str, exact: float, near: float) -> None:
    found = misses(kind)
    assert sum(miss == 0 for miss in found) >= exact * len(found)
    assert sum(abs(miss) <= 3 for miss in found) >= near * len(found)


def test_a_name_costs_its_tokens_after_a_colon() -> None:
    assert count(say("Hello", name="Bob")) == count(say("Hello")) + 2


def test_a_name_that_is_the_role_costs_one() -> None:
    assert count(say("Hello", name="user")) == count(say("Hello")) + 1


def test_text_parts_are_one_text_with_nothing_between() -> None:
    parts = say([{"type": "text", "text": "straw"}, {"type": "text", "text": "berry"}])
    assert count(parts) == count(say("strawberry"))
    assert count(say([{"type": "text", "text": "straw"}, *IMAGE, {"type": "text", "text": "berry"}])) > count(parts)


def test_a_refusal_of_an_earlier_answer_costs_its_text() -> None:
    refused = {"messages": [*say("Hi")["messages"], {"role": "assistant", "refusal": "I will not."}]}
    said = {"messages": [*say("Hi")["messages"], {"role": "assistant", "content": "I will not."}]}
    assert count(refused) == count(said)


@pytest.mark.parametrize(("name", "tokens"), [("gpt-5", 2), ("o4-mini", 2), ("o3-mini", 0), ("gpt-4o", 0)])
def test_an_earlier_answer_costs_more_on_most_reasoning_models(name: str, tokens: int) -> None:
    turns = {"messages": [*say("Hi")["messages"], *say("Hello", "assistant")["messages"]]}
    without = {"messages": [*say("Hi")["messages"], *say("Hello", "user")["messages"]]}
    assert count(turns, name) == count(without, name) + tokens


def test_a_search_model_counts_texts_alone() -> None:
    assert count(say("Hello", name="Bob"), "gpt-4o-search-preview") == 1


def test_sound_costs_four_tokens_of_text_beside_its_length() -> None:
    part = {"type": "input_audio", "input_audio": {"data": b64encode(wav(0.75)).decode(), "format": "wav"}}
    assert count(say([part]), "gpt-audio") == count(say([]), "gpt-audio") + 4 + 7


def test_each_tool_costs_more() -> None:
    tool: dict[str, Any] = {
        "type": "function",
        "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}},
    }
    custom: dict[str, Any] = {"type": "custom", "custom": {"name": "write", "description": "Writes."}}
    costs = [count(say("Hi") | {"tools": tools}) for tools in ([], [tool], [tool, tool], [tool, tool, custom])]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize(("name", "tokens"), [("gpt-4o", 7 + 2), ("gpt-4", 4 + 2), ("gpt-5", 0), ("o4-mini", 0)])
def test_a_named_function_costs_its_name_and_more_unless_the_model_reasons(name: str, tokens: int) -> None:
    named = {"tool_choice": {"type": "function", "function": {"name": "look_up"}}}
    assert count(say("Hi") | TOOLS | named, name) == count(say("Hi") | TOOLS, name) + tokens


def test_a_schema_costs_its_text_wherever_it_has_lists() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"anyOf": [{"type": "string"}]}}}
    assert count(say("Hi") | {"response_format": form}) > count(say("Hi")) + 12


@pytest.mark.parametrize(
    "file",
    [
        {"file_id": "file-1"},
        {"file_data": "data:application/pdf;base64,aGk="},
        {"file_data": "data:application/pdf;base64,%%%"},
        {"file_data": "no data URL"},
    ],
)
def test_a_file_that_cannot_be_read_costs_a_page(file: dict[str, str]) -> None:
    part = [{"type": "file", "file": file}]
    assert count(say(part)) == count(say([])) + 216
    assert count(say(part), "gpt-5.4") == count(say([]), "gpt-5.4") + 996


@given(st.text(), st.text())
def test_a_longer_conversation_costs_more(first: str, second: str) -> None:
    one = say(first)
    two = {"messages": one["messages"] + say(second, "assistant")["messages"]}
    assert count(two) > count(one)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": "no list"},
        {"messages": [None, {"role": "user"}, {"role": "user", "content": [None, {"type": "text"}]}]},
        say([{"type": "image_url"}, {"type": "input_audio"}, {"type": "file"}, {"type": "what"}]),
        say("Hi") | {"tools": "no list", "functions": [1], "response_format": {"json_schema": 3}},
        say(None, "assistant", tool_calls=[None, {"function": 1}, {}], function_call="no object"),
        say("Hi") | {"tools": [{"function": {"name": "f", "parameters": {"properties": {"a": 1}}}}]},
    ],
)
def test_what_validation_let_pass_is_counted_without_harm(body: dict[str, Any]) -> None:
    assert count(body) >= 3
