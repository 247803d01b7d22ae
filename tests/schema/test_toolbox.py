"""Facts about tools are computed once for all requests that send the same tools, and for no others."""

from copy import deepcopy
from typing import Any

import pytest
from pydantic import ValidationError

from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.schema.toolbox import Toolbox, offers_tools, toolbox_of

LARGE = {"description": "x" * 300_000}


def tools(name: str = "f", **more: Any) -> list[dict[str, Any]]:
    """Return a list of one function, new each time."""
    return [{"type": "function", "function": {"name": name, **more}}]


def size(toolbox: Toolbox) -> list[int]:
    """Return something new for each toolbox it is asked about."""
    return [len(toolbox.fields["tools"])]


def test_tools_that_are_written_the_same_have_one_toolbox() -> None:
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
def test_other_tools_have_another(other: dict[str, Any]) -> None:
    assert toolbox_of({"tools": tools()}) is not toolbox_of(other)


def test_values_that_are_equal_to_python_alone_are_different_tools() -> None:
    found = [toolbox_of({"tools": tools(strict=value)}) for value in (1, True, 1.0)]
    assert len(set(map(id, found))) == len(found)


def test_a_toolbox_has_the_fields_and_does_not_change_with_one_request() -> None:
    body = {"tools": tools("changed later")}
    toolbox = toolbox_of(body)
    body["tools"][0]["function"]["name"] = "h"
    assert toolbox_of({"tools": tools("changed later")}).fields == toolbox.fields
    assert toolbox.fields == {"tools": tools("changed later"), "functions": None}


def test_what_is_found_out_is_found_out_once() -> None:
    first = toolbox_of({"tools": tools()}).once(size)
    toolbox_of({"tools": tools("another between them")})
    assert toolbox_of({"tools": tools()}).once(size) is first
    assert first == [1]


def test_what_a_finding_needs_besides_does_not_tell_it_from_others() -> None:
    toolbox = Toolbox([1, 2], None)

    def times(given: Toolbox, factor: int) -> int:
        return len(given.fields["tools"]) * factor

    assert toolbox.once(times, 3) == 6
    assert toolbox.once(times, 4) == 6
    assert Toolbox([1, 2], None).once(times, 4) == 8


@pytest.mark.parametrize("given", [tools(**LARGE), tools(description={1, 2})])
def test_what_is_large_or_cannot_be_written_is_not_remembered(given: list[dict[str, Any]]) -> None:
    assert toolbox_of({"tools": given}) is not toolbox_of({"tools": deepcopy(given)})
    assert toolbox_of({"tools": given}).fields["tools"] == given


def test_as_many_are_remembered_as_a_few_clients_send() -> None:
    first = toolbox_of({"tools": tools("first")})
    for number in range(32):
        toolbox_of({"tools": tools(f"other_{number}")})
    assert toolbox_of({"tools": tools("first")}) is not first


@pytest.mark.parametrize(("body", "expected"), [({"tools": []}, True), ({"functions": None}, True), ({"n": 1}, False)])
def test_a_request_without_tools_has_nothing_to_do_with_them(body: dict[str, Any], expected: bool) -> None:
    assert offers_tools(body) is expected


def validated(given: Any) -> ChatCompletionRequest:
    """Validate a request with tools."""
    return ChatCompletionRequest.model_validate(
        {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello"}], "tools": given}
    )


def test_tools_that_had_their_shape_before_have_it_again() -> None:
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
def test_a_wrong_shape_is_found_each_time(wrong: Any, place: tuple[int | str, ...]) -> None:
    validated(tools("shaped", strict=True))
    for _ in range(3):
        with pytest.raises(ValidationError) as caught:
            validated(deepcopy(wrong))
        (error,) = caught.value.errors()
        assert error["loc"] == place
