"""Values of wrong shapes, and what the API says to them (errors#sentences)."""

from typing import Any

import pytest

from saying import NEWEST, TOOL, USER, said

ROLES = ("system", "assistant", "user", "function", "tool", "developer")
PARTS = ("text", "image_url", "input_audio", "refusal", "audio", "file")


def _list(values: tuple[str, ...], link: str) -> str:
    *some, last = (f"'{value}'" for value in values)
    return f"{', '.join(some)}, {link} {last}"


WRONG_TYPES: list[tuple[str, Any, str]] = [
    ("messages", "ping", "an array of objects, but got a string"),
    ("functions", "x", "an array of function definitions, but got a string"),
    ("function_call", 7, "one of one of 'none' or 'auto' or object, but got an integer"),
    ("tools", "none", "an array of objects, but got a string"),
    ("tool_choice", 7, "one of one of 'none', 'auto', or 'required' or object, but got an integer"),
    ("parallel_tool_calls", {}, "a boolean, but got an object"),
    ("max_completion_tokens", "9", "an integer, but got a string"),
    ("n", {}, "an integer, but got an object"),
    ("temperature", {}, "a decimal, but got an object"),
    ("top_p", "1", "a decimal, but got a string"),
    ("presence_penalty", True, "a decimal, but got a boolean"),
    ("frequency_penalty", [], "a decimal, but got an array"),
    ("logprobs", 1, "a boolean, but got an integer"),
    ("top_logprobs", 1.5, "an integer, but got a decimal number"),
    ("user", 7, "a string, but got an integer"),
    ("seed", 1.5, "an integer, but got a decimal number"),
    ("moderation", "x", "an object, but got a string"),
    ("safety_identifier", {}, "a string, but got an object"),
    ("prompt_cache_key", {}, "a string, but got an object"),
    ("prompt_cache_retention", 1, "one of 'in_memory' or '24h', but got an integer"),
    ("prompt_cache_options", [], "an object, but got an array"),
    ("response_format", "json_object", "an object, but got a string"),
    ("service_tier", {}, "one of 'auto', 'default', 'fast', 'flex', or 'priority', but got an object"),
    ("logit_bias", [], "an object, but got an array"),
    ("stream", "yes", "a boolean, but got a string"),
    ("stream_options", True, "an object, but got a boolean"),
    ("store", "yes", "a boolean, but got a string"),
    ("metadata", "x", "a metadata object, but got a string"),
    ("verbosity", 1, "one of 'low', 'medium', or 'high', but got an integer"),
]


@pytest.mark.parametrize(("field", "value", "rest"), WRONG_TYPES)
def test_a_wrong_type_is_named_with_what_was_expected(field: str, value: Any, rest: str) -> None:
    expected = (f"Invalid type for '{field}': expected {rest} instead.", field, "invalid_type")
    assert said(model=NEWEST, **{field: value}) == expected


def test_fields_only_older_models_know_have_their_types_too() -> None:
    assert said(stop=7) == (
        "Invalid type for 'stop': expected one of a string or array of strings, but got an integer instead.",
        "stop",
        "invalid_type",
    )
    assert said(max_tokens="9") == (
        "Invalid type for 'max_tokens': expected an integer, but got a string instead.",
        "max_tokens",
        "invalid_type",
    )
    assert said(modalities="audio") == (
        "Invalid type for 'modalities': expected an array of strings, but got a string instead.",
        "modalities",
        "invalid_type",
    )


DEEP: list[tuple[dict[str, Any], str, str]] = [
    ({"messages": ["ping"]}, "messages[0]", "an object, but got a string"),
    ({"messages": [{"role": None}]}, "messages[0].role", f"one of {_list(ROLES, 'or')}, but got null"),
    (
        {"messages": [USER, {"role": "user", "content": {}}]},
        "messages[1].content",
        "one of a string or array of objects, but got an object",
    ),
    ({"messages": [{"role": "user", "content": ["x"]}]}, "messages[0].content[0]", "an object, but got a string"),
    (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": 1}]}]},
        "messages[0].content[0].text",
        "a string, but got an integer",
    ),
    (
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": "u"}]}]},
        "messages[0].content[0].image_url",
        "an object, but got a string",
    ),
    (
        {"messages": [{"role": "assistant", "tool_calls": [{"type": None}]}]},
        "messages[0].tool_calls[0].type",
        "one of 'function', 'all...ols', or 'custom', but got null",
    ),
    ({"metadata": {"tags": ["a"]}}, "metadata.tags", "a string, but got an array"),
    (
        {"tools": [{"type": "function", "function": {"name": "f", "strict": 1}}]},
        "tools[0].function.strict",
        "a boolean, but got an integer",
    ),
    ({"stop": ["a", 1]}, "stop[1]", "a string, but got an integer"),
]


@pytest.mark.parametrize(("fields", "path", "rest"), DEEP)
def test_a_wrong_type_at_any_depth_has_its_path(fields: dict[str, Any], path: str, rest: str) -> None:
    expected = (f"Invalid type for '{path}': expected {rest} instead.", path, "invalid_type")
    assert said(**fields) == expected


MISSING: list[Any] = [
    ({"messages": [{"content": "ping"}]}, "messages[0].role"),
    ({"messages": [{"role": "user", "content": [{}]}]}, "messages[0].content[0].type"),
    ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
    ({"messages": [{"role": "assistant", "tool_calls": [{"type": "function"}]}]}, "messages[0].tool_calls[0].id"),
    ({"tools": [{}]}, "tools[0].type"),
    ({"tools": [{"type": "function", "name": "flat"}]}, "tools[0].function"),
    ({"tools": [{"type": "function", "function": {"parameters": {}}}]}, "tools[0].function.name"),
    ({"tools": [TOOL], "tool_choice": {"type": "bogus"}}, "tool_choice.function"),
    ({"tools": [TOOL], "tool_choice": {"type": "allowed_tools"}}, "tool_choice.allowed_tools"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"response_format": {"type": "json_schema", "json_schema": {}}}, "response_format.json_schema.name"),
    ({"moderation": {}}, "moderation.model"),
    ({"audio": {"voice": "alloy"}}, "audio.format"),
    ({"prediction": {"type": "content"}}, "prediction.content"),
]


@pytest.mark.parametrize(("fields", "path"), MISSING)
def test_a_missing_parameter_is_named_by_its_path(fields: dict[str, Any], path: str) -> None:
    expected = (f"Missing required parameter: '{path}'.", path, "missing_required_parameter")
    assert said(**fields) == expected


WRONG_VALUES: list[Any] = [
    ({"messages": [{"role": "bogus"}]}, "messages[0].role", _list(ROLES, "and")),
    (
        {"messages": [{"role": "user", "content": [{"type": "bogus"}]}]},
        "messages[0].content[0].type",
        _list(PARTS, "and"),
    ),
    (
        {"messages": [{"role": "tool", "tool_call_id": "c", "content": [{"type": "bogus"}]}]},
        "messages[0].content[0].type",
        _list(PARTS, "and"),
    ),
    ({"tools": [{"type": "bogus"}]}, "tools[0].type", "'function' and 'custom'"),
    ({"tools": [TOOL], "tool_choice": "bogus"}, "tool_choice", "'none', 'auto', and 'required'"),
    ({"response_format": {"type": "bogus"}}, "response_format.type", "'json_object', 'json_schema', and 'text'"),
    ({"service_tier": "bogus"}, "service_tier", "'auto', 'default', 'fast', 'flex', and 'priority'"),
    ({"modalities": ["bogus"]}, "modalities[0]", "'text' and 'audio'"),
    (
        {"audio": {"voice": "alloy", "format": "bogus"}},
        "audio.format",
        "'wav', 'aac', 'mp3', 'flac', 'opus', and 'pcm16'",
    ),
    (
        {"moderation": {"model": "m", "policy": {"input": {"mode": "bogus"}}}},
        "moderation.policy.input.mode",
        "'score' and 'block'",
    ),
]


@pytest.mark.parametrize(("fields", "path", "rest"), WRONG_VALUES)
def test_a_value_that_does_not_exist_is_answered_with_those_that_do(
    fields: dict[str, Any], path: str, rest: str
) -> None:
    expected = (f"Invalid value: 'bogus'. Supported values are: {rest}.", path, "invalid_value")
    assert said(**fields) == expected


OUT_OF_BOUNDS: list[Any] = [
    ({"n": 0}, "n: integer below minimum value", "value >= 1, but got 0"),
    ({"n": 130}, "n: integer above maximum value", "value <= 128, but got 130"),
    ({"n": 200, "model": NEWEST}, "n: integer above maximum value", "value <= 8, but got 200"),
    ({"temperature": 2.5}, "temperature: decimal above maximum value", "value <= 2, but got 2.5"),
    ({"temperature": 200}, "temperature: decimal above maximum value", "value <= 2, but got 200"),
    ({"top_p": -0.1}, "top_p: decimal below minimum value", "value >= 0, but got -0.1"),
    ({"presence_penalty": -3}, "presence_penalty: decimal below minimum value", "value >= -2, but got -3"),
    ({"top_logprobs": -1}, "top_logprobs: integer below minimum value", "value >= 0, but got -1"),
]


@pytest.mark.parametrize(("fields", "fault", "expected"), OUT_OF_BOUNDS)
def test_a_number_out_of_bounds_is_named_with_the_bound(fields: dict[str, Any], fault: str, expected: str) -> None:
    field, what = fault.split(": ")
    kind, side, *_ = what.split()
    code = f"{kind}_{side}_{'min' if side == 'below' else 'max'}_value"
    assert said(**fields) == (f"Invalid '{field}': {what}. Expected a {expected} instead.", field, code)


WRONG_LENGTHS: list[Any] = [
    (
        "stop",
        list("abcde"),
        "array too long",
        "maximum length 4, but got an array with length 5",
        "array_above_max_length",
    ),
    ("messages", [], "empty array", "minimum length 1, but got an empty array", "empty_array"),
    ("functions", [], "empty array", "minimum length 1, but got an empty array", "empty_array"),
]


@pytest.mark.parametrize(("field", "value", "fault", "expected", "code"), WRONG_LENGTHS)
def test_an_array_of_a_wrong_length_is_named_with_the_bound(
    field: str, value: list[str], fault: str, expected: str, code: str
) -> None:
    message = f"Invalid '{field}': {fault}. Expected an array with {expected} instead."
    assert said(**{field: value}) == (message, field, code)


def test_a_string_that_is_too_long_is_named_with_the_bound() -> None:
    assert said(safety_identifier="x" * 129) == (
        (
            "Invalid 'safety_identifier': string too long. "
            "Expected a string with maximum length 128, but got a string with length 129 instead."
        ),
        "safety_identifier",
        "string_above_max_length",
    )
