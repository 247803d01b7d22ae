"""Prompts cost what the real API says they cost: exactly for plain text, nearly for everything else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import TOKENIZERS, model
from chatdouble.core.json import as_object
from chatdouble.tokens.prompt import prompt_tokens
from corpora import full_corpora
from recorded_exchanges import exchanges


def count(body: dict[str, Any], name: str = "gpt-4o") -> int:
    asked = model(name)
    return prompt_tokens(body, asked, TOKENIZERS.get(asked.encoding)).total


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
@pytest.mark.parametrize(("kind", "exact", "near"), [("plain", 0.95, 0.97), ("schema", 0.6, 0.9), ("tools", 0.3, 0.75)])
def test_recorded_prompts_are_counted(kind: str, exact: float, near: float) -> None:
    found = misses(kind)
    assert sum(miss == 0 for miss in found) >= exact * len(found)
    assert sum(abs(miss) <= 3 for miss in found) >= near * len(found)


def test_a_name_costs_its_tokens_and_one() -> None:
    assert count(say("Hello", name="Bob")) == count(say("Hello")) + 2


def test_text_parts_cost_what_their_texts_cost() -> None:
    parts = say([{"type": "text", "text": "one"}, {"type": "text", "text": " two"}])
    assert count(parts) == count(say("one two"))


def test_an_earlier_answer_costs_more_on_a_reasoning_model() -> None:
    turns = {"messages": [*say("Hi")["messages"], *say("Hello", "assistant")["messages"]]}
    without = {"messages": [*say("Hi")["messages"], *say("Hello", "user")["messages"]]}
    assert count(turns, "gpt-5") == count(without, "gpt-5") + 2
    assert count(turns) == count(without)


def test_each_tool_costs_more() -> None:
    tool: dict[str, Any] = {
        "type": "function",
        "function": {"name": "look_up", "parameters": {"type": "object", "properties": {}}},
    }
    custom: dict[str, Any] = {"type": "custom", "custom": {"name": "write", "description": "Writes."}}
    costs = [count(say("Hi") | {"tools": tools}) for tools in ([], [tool], [tool, tool], [tool, tool, custom])]
    assert costs == sorted(set(costs))


def test_a_named_function_costs_its_name_and_four() -> None:
    tools = {"tools": [{"type": "function", "function": {"name": "look_up"}}]}
    named = {"tool_choice": {"type": "function", "function": {"name": "look_up"}}}
    assert count(say("Hi") | tools | named) == count(say("Hi") | tools) + 4 + 2


def test_a_schema_costs_its_text_wherever_it_has_lists() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"anyOf": [{"type": "string"}]}}}
    assert count(say("Hi") | {"response_format": form}) > count(say("Hi")) + 12


@pytest.mark.parametrize("data", ["data:application/pdf;base64,aGk=", "data:application/pdf;base64,%%%", "no data URL"])
def test_a_file_without_pages_costs_one(data: str) -> None:
    assert count(say([{"type": "file", "file": {"file_data": data}}])) == count(say([])) + 220


def test_a_file_costs_220_tokens_a_page() -> None:
    unseen = say([{"type": "file", "file": {"file_id": "file-1"}}])
    assert count(unseen) == count(say([])) + 220


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
