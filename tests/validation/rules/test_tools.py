"""Tools and the fields about calling them (requests#tools, schemas#sentences)."""

from typing import Any

import pytest

from saying import TOOL, said

CUSTOM: dict[str, Any] = {"type": "custom", "custom": {"name": "g"}}


def _only_with(field: str, needed: str) -> tuple[str, str, None]:
    message = f"Invalid value for '{field}': '{field}' is only allowed when '{needed}' are specified."
    return message, field, None


def _no_function(name: str) -> tuple[str, str, None]:
    return (
        f"Invalid value for 'function_call': no function named '{name}' was specified in the 'functions' parameter.",
        "function_call",
        None,
    )


@pytest.mark.parametrize("choice", ["none", "auto", "required", {"type": "function", "function": {"name": "f"}}])
def test_a_choice_needs_tools(choice: Any) -> None:
    assert said(tool_choice=choice) == _only_with("tool_choice", "tools")
    assert said(tool_choice=choice, tools=[TOOL]) is None


@pytest.mark.parametrize("value", [True, False])
def test_parallel_calls_need_tools(value: bool) -> None:
    assert said(parallel_tool_calls=value) == _only_with("parallel_tool_calls", "tools")
    assert said(parallel_tool_calls=value, tools=[TOOL]) is None


def test_a_function_call_needs_functions() -> None:
    assert said(function_call="auto") == _only_with("function_call", "functions")
    assert said(function_call={"name": "f"}, functions=[{"name": "f"}]) is None


CHOICES: list[Any] = [
    {"type": "function", "function": {"name": "never"}},
    {"type": "custom", "custom": {"name": "never"}},
    {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "auto", "tools": [TOOL, {"type": "function", "function": {"name": "never"}}]},
    },
]


@pytest.mark.parametrize("choice", CHOICES)
def test_a_tool_that_is_not_there_cannot_be_chosen(choice: Any) -> None:
    assert said(tools=[TOOL, CUSTOM], tool_choice=choice) == _no_function("never")


def test_a_function_that_is_not_there_cannot_be_called() -> None:
    assert said(functions=[{"name": "f"}], function_call={"name": "never"}) == _no_function("never")


def test_custom_and_allowed_tools_can_be_chosen() -> None:
    allowed = {"mode": "required", "tools": [TOOL, CUSTOM]}
    assert said(tools=[TOOL, CUSTOM], tool_choice={"type": "allowed_tools", "allowed_tools": allowed}) is None
    assert said(tools=[TOOL, CUSTOM], tool_choice=CUSTOM) is None


def _function(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", **function}}


def test_parameters_are_a_schema_as_the_api_takes_them() -> None:
    assert said(tools=[TOOL, _function(parameters={"type": "object", "oneOf": []})]) == (
        (
            "Invalid schema for function 'f': schema must have type 'object' and not have "
            "'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
        ),
        "tools[1].function.parameters",
        "invalid_function_parameters",
    )


def test_strict_parameters_require_every_property() -> None:
    loose = {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False}
    assert said(tools=[_function(parameters=loose)]) is None
    assert said(tools=[_function(parameters=loose, strict=True)]) == (
        (
            "Invalid schema for function 'f': In context=(), 'required' is required to be supplied and to be an "
            "array including every key in properties. Missing 'a'."
        ),
        "tools[0].function.parameters",
        "invalid_function_parameters",
    )


def test_functions_in_the_legacy_form_have_schemas_too() -> None:
    answer = said(functions=[{"name": "f", "parameters": {"type": "array"}}])
    assert answer is not None
    assert answer[1:] == ("functions[0].parameters", "invalid_function_parameters")


def test_no_parameters_and_empty_ones_mean_the_same() -> None:
    assert said(tools=[_function(parameters={})]) is None


def test_the_same_schema_is_answered_the_same_wherever_it_stands() -> None:
    bad = _function(parameters={"type": "array"})
    assert [answer[1] for answer in (said(tools=[bad]), said(tools=[TOOL, bad])) if answer] == [
        "tools[0].function.parameters",
        "tools[1].function.parameters",
    ]


def test_a_tool_that_is_chosen_is_of_the_kind_it_is_chosen_as() -> None:
    assert said(tools=[TOOL], tool_choice={"type": "custom", "custom": {"name": "f"}}) == _no_function("f")
    assert said(tools=[CUSTOM], tool_choice={"type": "custom", "custom": {"name": "g"}}) is None


@pytest.mark.parametrize("model", ["gpt-5.4", "gpt-5.4-mini", "gpt-5.5"])
def test_some_models_do_not_take_function_tools_with_an_effort(model: str) -> None:
    assert said(model=model, tools=[TOOL], reasoning_effort="low") == (
        (
            f"Function tools with reasoning_effort are not supported for {model} in /v1/chat/completions. "
            "Please use /v1/responses instead."
        ),
        "reasoning_effort",
        None,
    )
    assert said(model=model, tools=[TOOL], reasoning_effort="none") is None
    assert said(model=model, tools=[TOOL]) is None
    assert said(model=model, tools=[CUSTOM], reasoning_effort="low") is None


@pytest.mark.parametrize("effort", [{}, {"reasoning_effort": "high"}])
@pytest.mark.parametrize("model", ["gpt-5.6-sol", "gpt-6-sol", "gpt-6-astra"])
def test_the_newest_models_take_function_tools_only_when_they_do_not_reason(model: str, effort: dict[str, str]) -> None:
    assert said(model=model, tools=[TOOL], **effort) == (
        (
            f"Function tools with reasoning_effort are not supported for {model} in /v1/chat/completions. "
            "To use function tools, use /v1/responses or set reasoning_effort to 'none'."
        ),
        "reasoning_effort",
        None,
    )


def test_the_newest_models_take_function_tools_without_reasoning_and_others_always() -> None:
    assert said(model="gpt-5.6-sol", tools=[TOOL], reasoning_effort="none") is None
    assert said(model="gpt-5.6-sol", tools=[CUSTOM]) is None
    assert said(model="gpt-5", tools=[TOOL], reasoning_effort="high") is None


NAMELESS: dict[str, Any] = {"type": "function", "function": {"name": ""}}
UNTYPED: dict[str, Any] = {"type": "function", "function": {"name": "f", "parameters": {"type": "nothing"}}}


@pytest.mark.parametrize("wrong", [NAMELESS, UNTYPED])
def test_what_is_wrong_with_tools_is_said_each_time_and_what_is_right_is_not(wrong: dict[str, Any]) -> None:
    first = said(tools=[TOOL, wrong])
    assert first is not None
    assert said(tools=[TOOL]) is None
    assert said(tools=[TOOL, wrong]) == first
    assert said(tools=[TOOL]) is None


@pytest.mark.parametrize("wrong", [NAMELESS, UNTYPED])
def test_what_is_wrong_with_functions_is_said_each_time_and_what_is_right_is_not(wrong: dict[str, Any]) -> None:
    right, function = {"name": "g"}, wrong["function"]
    first = said(functions=[right, function])
    assert first is not None
    assert said(functions=[right]) is None
    assert said(functions=[right, function]) == first
    assert said(functions=[right], tools=[TOOL, wrong]) is not None
