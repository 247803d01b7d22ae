"""Requests with the same tools share a toolbox and the results computed from it."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.schema.tools import Toolbox, offers_tools, toolbox_of
from chatdouble.tokens.tokenizer import Tokenizer, Tokenizers

LARGE = {"description": "x" * 300_000}


def tools(name: str = "f", **more: Any) -> list[dict[str, Any]]:
    """Return a new list of one function."""
    return [{"type": "function", "function": {"name": name, **more}}]


def size(toolbox: Toolbox) -> list[int]:
    """Return a new list with the number of tools."""
    return [len(toolbox.fields["tools"])]


def test_tools_with_the_same_json_share_a_toolbox() -> None:
    assert toolbox_of({"tools": tools(), "n": 2}) is toolbox_of({"tools": tools(), "messages": []})
    assert toolbox_of({"functions": tools()}) is toolbox_of({"functions": tools()})


@pytest.mark.parametrize(
    "other",
    [
        {"tools": tools("g")},
        {"tools": [*tools(), *tools()]},
        {"tools": tools(strict=True)},
        {"tools": None},
        {"functions": tools()},
        {"tools": tools(), "functions": tools()},
    ],
)
def test_different_tools_have_different_toolboxes(other: dict[str, Any]) -> None:
    assert toolbox_of({"tools": tools()}) is not toolbox_of(other)


def test_values_that_are_equal_only_in_python_make_different_tools() -> None:
    found = [toolbox_of({"tools": tools(strict=value)}) for value in (1, True, 1.0)]
    assert len(set(map(id, found))) == len(found)


def test_a_toolbox_keeps_its_fields_when_a_request_changes_its_own() -> None:
    body = {"tools": tools("changed later")}
    toolbox = toolbox_of(body)
    body["tools"][0]["function"]["name"] = "h"
    assert toolbox_of({"tools": tools("changed later")}).fields == toolbox.fields
    assert toolbox.fields == {"tools": tools("changed later"), "functions": None}


def test_a_result_is_computed_once() -> None:
    first = toolbox_of({"tools": tools()}).once(size)
    toolbox_of({"tools": tools("another between them")})
    assert toolbox_of({"tools": tools()}).once(size) is first
    assert first == [1]


def test_a_result_is_kept_for_each_combination_of_arguments() -> None:
    toolbox = Toolbox([1, 2], None)
    calls: list[int] = []

    def times(given: Toolbox, factor: int) -> int:
        calls.append(factor)
        return len(given.fields["tools"]) * factor

    assert [toolbox.once(times, factor) for factor in (3, 4, 3, 4)] == [6, 8, 6, 8]
    assert calls == [3, 4]
    assert Toolbox([1, 2, 3], None).once(times, 4) == 12


def test_tools_are_counted_with_each_vocabulary() -> None:
    def tokens(toolbox: Toolbox, tokenizer: Tokenizer) -> int:
        return tokenizer.count(str(toolbox.fields["tools"]))

    toolbox, tokenizers = Toolbox(tools("wettervorhersage_für_übermorgen"), None), Tokenizers()
    newer, older = (toolbox.once(tokens, tokenizers[name]) for name in ("o200k_base", "cl100k_base"))
    assert newer < older


@pytest.mark.parametrize("given", [tools(**LARGE), tools(description={1, 2})])
def test_large_and_unencodable_tools_are_not_cached(given: list[dict[str, Any]]) -> None:
    assert toolbox_of({"tools": given}) is not toolbox_of({"tools": deepcopy(given)})
    assert toolbox_of({"tools": given}).fields["tools"] == given


def test_the_cache_holds_the_tools_of_the_32_latest_clients() -> None:
    first = toolbox_of({"tools": tools("first")})
    for number in range(32):
        toolbox_of({"tools": tools(f"other_{number}")})
    assert toolbox_of({"tools": tools("first")}) is not first


@pytest.mark.parametrize(("body", "expected"), [({"tools": []}, True), ({"functions": None}, True), ({"n": 1}, False)])
def test_a_request_offers_tools_if_it_has_tools_or_functions(body: dict[str, Any], expected: bool) -> None:
    assert offers_tools(body) is expected


def validated(given: Any) -> ChatCompletionRequest:
    """Validate a request with tools."""
    return ChatCompletionRequest.model_validate(
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], "tools": given}
    )


def test_the_same_tools_validate_again() -> None:
    assert validated(tools("shaped")).tools == validated(tools("shaped")).tools == tools("shaped")


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (tools("shaped", strict=1), ("tools", 0, "function", "function", "strict")),
        (tools("shaped", parameters=1), ("tools", 0, "function", "function", "parameters")),
        ([*tools("shaped"), {"type": "function"}], ("tools", 1, "function", "function")),
        (tools(**LARGE, strict=1), ("tools", 0, "function", "function", "strict")),
        ({"0": tools("shaped")}, ("tools",)),
        ("shaped", ("tools",)),
    ],
)
def test_a_wrong_shape_is_reported_each_time(wrong: Any, place: tuple[int | str, ...]) -> None:
    validated(tools("shaped", strict=True))
    for _ in range(3):
        with pytest.raises(ValidationError) as caught:
            validated(deepcopy(wrong))
        (error,) = caught.value.errors()
        assert error["loc"] == place
