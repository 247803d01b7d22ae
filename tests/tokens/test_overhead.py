"""The tokens around an answer's words follow its family and whether the call was forced."""

from typing import Any, Final

import pytest

from calls import TOKENIZERS, call, model
from chatdouble.schema.completion import ToolCall
from chatdouble.tokens.overhead import (
    after_text,
    begins_thinking,
    framing,
    named_function,
    parallel_tokens,
    text_tokens,
)

TOKENIZER: Final = TOKENIZERS["o200k_base"]
TOOLS: Final = [{"type": "function", "function": {"name": "look_up"}}]
FORM: Final = {"type": "json_schema", "json_schema": {"name": "Person", "schema": {"type": "object"}}}


@pytest.mark.parametrize(
    ("name", "calls", "reasons", "tokens"),
    [
        ("gpt-4o", 1, True, 7),
        ("gpt-4o", 2, True, 10),
        ("gpt-4", 1, True, 4),
        ("gpt-5", 1, True, 16),
        ("gpt-5", 2, True, 19),
        ("gpt-5.4", 1, False, 10),
        ("gpt-5.4", 2, False, 13),
    ],
)
def test_calls_cost_what_was_recorded(name: str, calls: int, reasons: bool, tokens: int) -> None:
    around = framing(model(name), calls, forced=False, reasons=reasons)
    assert around.calls + calls * around.call == tokens


@pytest.mark.parametrize(
    ("name", "reasons", "tokens"),
    [("gpt-4o", True, 0), ("gpt-5", True, 9), ("gpt-5.4", False, 3), ("o4-mini", True, 18), ("o3-mini", True, 13)],
)
def test_a_text_costs_what_was_recorded(name: str, reasons: bool, tokens: int) -> None:
    assert framing(model(name), 0, forced=False, reasons=reasons).text == tokens


def test_what_the_prompt_says_of_a_required_call_is_not_written_again() -> None:
    assert framing(model("gpt-4"), 1, forced=False, required=True).calls == 4 - 2
    assert framing(model("gpt-4o"), 1, forced=False, required=True).calls == 7


def test_a_refusal_costs_one_more() -> None:
    assert framing(model("gpt-4o"), 0, forced=False).refusal == 1


def test_a_text_before_a_call_costs_three_more() -> None:
    around = framing(model("gpt-4o"), 1, forced=False)
    assert after_text(around).calls == around.calls + 3


def test_several_calls_cost_what_the_one_that_stands_for_them_has_more() -> None:
    made: list[ToolCall] = [
        {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}},
        {"id": "2", "type": "custom", "custom": {"name": "write", "input": "Hi"}},
    ]
    text = (
        '{"tool_uses":[{"recipient_name":"functions.add","parameters":{"a":1}},'
        '{"recipient_name":"functions.write","parameters":"Hi"}]}'
    )
    words = TOKENIZER.count('{"a": 1}') + TOKENIZER.count("Hi")
    assert parallel_tokens(made, TOKENIZER) == TOKENIZER.count(text) - words


@pytest.mark.parametrize(
    ("name", "roles", "reasoning", "begins"),
    [
        ("gpt-4o", ["user"], 0, True),
        ("gpt-5.1", ["user"], 0, True),
        ("gpt-5.1", ["user", "assistant", "tool"], 0, False),
        ("gpt-5.1", ["user", "assistant", "tool"], 64, True),
        ("gpt-5.4", ["user"], 0, False),
        ("gpt-5.4", ["user"], 64, True),
    ],
)
def test_some_models_begin_to_think_whatever_the_effort(
    name: str, roles: list[str], reasoning: int, begins: bool
) -> None:
    asked = call(model=name, messages=[{"role": role, "content": "Hi", "tool_call_id": "call_1"} for role in roles])
    assert begins_thinking(asked.body, asked.model, reasoning) is begins


@pytest.mark.parametrize(
    ("name", "asked", "tokens"),
    [
        ("gpt-4o", {}, 0),
        ("gpt-4o", {"tools": TOOLS}, 1),
        ("gpt-4o", {"tools": TOOLS, "tool_choice": "none"}, 0),
        ("gpt-4o", {"response_format": FORM}, 0),
        ("gpt-4o", {"response_format": FORM, "tools": TOOLS}, 1 + 3),
        ("gpt-5", {"tools": TOOLS}, 0),
        ("gpt-5", {"response_format": FORM}, 3),
        ("gpt-5", {"response_format": {"type": "json_object"}}, 0),
    ],
)
def test_a_text_says_that_it_is_no_call_and_which_schema_it_follows(
    name: str, asked: dict[str, Any], tokens: int
) -> None:
    made = call(model=name, **asked)
    assert text_tokens(made.body, made.model, TOKENIZER) == tokens


def test_a_forced_call_costs_its_arguments_alone() -> None:
    around = framing(model("gpt-4o"), 1, forced=True)
    assert (around.calls, around.call, around.names) == (0, 0, False)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "f"),
        ({"tool_choice": {"type": "custom", "custom": {"name": "f"}}}, "f"),
        ({"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": []}}}, None),
        ({"function_call": {"name": "f"}}, "f"),
        ({"function_call": "auto", "tool_choice": "required"}, None),
        ({}, None),
    ],
)
def test_the_named_function_is_found(body: dict[str, Any], name: str | None) -> None:
    assert named_function(body) == name
