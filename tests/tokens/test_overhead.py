"""The tokens around an answer's words follow its family and whether the call was forced."""

from typing import Any

import pytest

from calls import model
from chatdouble.tokens.overhead import framing, named_function


@pytest.mark.parametrize(
    ("name", "calls", "tokens"), [("gpt-4o", 1, 7), ("gpt-4o", 2, 28), ("gpt-5", 1, 16), ("gpt-5", 2, 37)]
)
def test_calls_cost_what_was_recorded(name: str, calls: int, tokens: int) -> None:
    around = framing(model(name), calls, forced=False)
    assert around.calls + calls * around.call == tokens


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
