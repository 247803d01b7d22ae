"""Bounds, lengths and names beyond the published contract (rules#limits, rules#names)."""

from collections.abc import Callable
from typing import Any

import pytest

from saying import NEWEST, TOOL, USER, said

PAIRS = {f"k{place}": "v" for place in range(17)}
NAME = "^[a-zA-Z0-9_-]+$"


def _tool(**function: Any) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", **function}}


def _called(name: str) -> dict[str, Any]:
    call = {"id": "call_1", "type": "function", "function": {"name": name, "arguments": "{}"}}
    return {"role": "assistant", "tool_calls": [call]}


NAMES: list[tuple[str, Callable[[str], dict[str, Any]]]] = [
    ("tools[0].function.name", lambda name: {"tools": [_tool(name=name)]}),
    ("tools[0].custom.name", lambda name: {"tools": [{"type": "custom", "custom": {"name": name}}]}),
    ("functions[0].name", lambda name: {"functions": [{"name": name}]}),
    (
        "response_format.json_schema.name",
        lambda name: {"response_format": {"type": "json_schema", "json_schema": {"name": name}}},
    ),
    ("messages[1].tool_calls[0].function.name", lambda name: {"messages": [USER, _called(name)]}),
    (
        "tool_choice.function.name",
        lambda name: {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": name}}},
    ),
]


@pytest.mark.parametrize(("path", "fields"), NAMES)
def test_a_name_has_1_to_64_letters_digits_dashes_and_underscores(path: str, fields: Any) -> None:
    assert said(**fields("a/b")) == (
        (f"Invalid '{path}': string does not match pattern. Expected a string that matches the pattern '{NAME}'."),
        path,
        "invalid_value",
    )
    assert said(**fields("n" * 65)) == (
        (
            f"Invalid '{path}': string too long. "
            "Expected a string with maximum length 64, but got a string with length 65 instead."
        ),
        path,
        "string_above_max_length",
    )
    assert said(**fields("")) == (
        (f"Invalid '{path}': empty string. Expected a string with minimum length 1, but got an empty string instead."),
        path,
        "empty_string",
    )


LENGTHS: list[tuple[str, int, Callable[[str], dict[str, Any]]]] = [
    ("user", 64, lambda text: {"user": text}),
    ("prompt_cache_key", 64, lambda text: {"prompt_cache_key": text}),
    ("metadata.k", 512, lambda text: {"store": True, "metadata": {"k": text}}),
    ("messages[0].content", 1_048_576, lambda text: {"messages": [{"role": "user", "content": text}]}),
    (
        "messages[0].tool_call_id",
        40,
        lambda text: {"messages": [{"role": "tool", "tool_call_id": text, "content": ""}]},
    ),
]


@pytest.mark.parametrize(("path", "most", "fields"), LENGTHS)
def test_a_text_is_no_longer_than_its_field_allows(path: str, most: int, fields: Any) -> None:
    assert said(**fields("x" * (most + 1))) == (
        (
            f"Invalid '{path}': string too long. Expected a string with maximum length {most}, "
            f"but got a string with length {most + 1} instead."
        ),
        path,
        "string_above_max_length",
    )
    shorter = said(**fields("x" * most))
    assert shorter is None or shorter[2] != "string_above_max_length"


def _calling(times: int) -> dict[str, Any]:
    message = _called("f")
    return {"messages": [{**message, "tool_calls": message["tool_calls"] * times}]}


COUNTS: list[tuple[str, int, Callable[[int], dict[str, Any]]]] = [
    ("tools", 128, lambda many: {"tools": [_tool(name=f"f{place}") for place in range(many)]}),
    ("messages", 2048, lambda many: {"messages": [USER] * many}),
    ("messages[0].tool_calls", 128, _calling),
]


@pytest.mark.parametrize(("path", "most", "fields"), COUNTS)
def test_an_array_is_no_longer_than_its_field_allows(path: str, most: int, fields: Any) -> None:
    assert said(**fields(most + 22)) == (
        (
            f"Invalid '{path}': array too long. Expected an array with maximum length {most}, "
            f"but got an array with length {most + 22} instead."
        ),
        path,
        "array_above_max_length",
    )


EMPTY: list[Any] = [
    ("messages[0].tool_calls", {"messages": [{"role": "assistant", "tool_calls": []}]}),
]


@pytest.mark.parametrize(("path", "fields"), EMPTY)
def test_an_array_that_may_be_left_out_may_not_be_empty(path: str, fields: dict[str, Any]) -> None:
    message = f"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead."
    assert said(**fields) == (message, path, "empty_array")


def test_at_least_one_token_is_asked_for() -> None:
    for field, value in (("max_tokens", 0), ("max_tokens", -15335), ("max_completion_tokens", 0)):
        assert said(**{field: value}) == (
            f"Invalid '{field}': integer below minimum value. Expected a value >= 1, but got {value} instead.",
            field,
            "integer_below_min_value",
        )


def test_the_newest_models_give_at_most_8_answers() -> None:
    assert said(model=NEWEST, n=64) == (
        "Invalid 'n': integer above maximum value. Expected a value <= 8, but got 64 instead.",
        "n",
        "integer_above_max_value",
    )
    assert said(model="gpt-4o", n=64) is None


def test_metadata_has_at_most_16_pairs_and_its_names_64_characters() -> None:
    assert said(metadata=PAIRS) == (
        (
            "Invalid 'metadata': too many properties. Expected an object with at most 16 properties, "
            "but got an object with 17 properties instead."
        ),
        "metadata",
        "object_above_max_properties",
    )
    assert said(metadata={"k" * 70: "v"}) == (
        (
            "Invalid property name in 'metadata': 'kkk...kkk' is too long. "
            "Expected a string with maximum length 64, but got a string with length 70 instead."
        ),
        f"metadata.{'k' * 70}",
        "property_name_above_max_length",
    )


@pytest.mark.parametrize(
    ("bias", "side"),
    [
        (-101, "below minimum value. Expected a value >= -100"),
        (101, "above maximum value. Expected a value <= 100"),
    ],
)
def test_a_token_s_bias_is_from_minus_100_to_100(bias: int, side: str) -> None:
    answer = said(logit_bias={"50256": bias})
    assert answer is not None
    assert answer[:2] == (f"Invalid 'logit_bias.50256': integer {side}, but got {bias} instead.", "logit_bias.50256")
    assert said(logit_bias={"50256": -100, "1": 100}) is None


@pytest.mark.parametrize("token", ["AI", " You", "-1", "1.0", ""])
def test_a_token_with_a_bias_is_a_number(token: str) -> None:
    message = f"Invalid key in 'logit_bias': {token}. You should only be submitting non-negative integers."
    assert said(logit_bias={token: 1}) == (message, "logit_bias", None)


def test_a_tier_of_the_contract_that_the_api_does_not_list_is_refused() -> None:
    assert said(service_tier="scale") == (
        "Invalid value: 'scale'. Supported values are: 'auto', 'default', 'fast', 'flex', and 'priority'.",
        "service_tier",
        "invalid_value",
    )


def test_a_description_is_as_long_as_it_likes_and_there_may_be_no_tools_at_all() -> None:
    assert said(tools=[_tool(description="x" * 15_664)]) is None
    assert said(tools=[]) is None
