"""Shape guards for parsed JSON."""

from typing import Any

import pytest

from chatdouble.core.json import as_object, encode, encode_in_steps, is_array, is_object, objects_in


@pytest.mark.parametrize("value", [None, 1, "text", [], {"a": 1}])
def test_a_value_that_is_not_an_object_becomes_an_empty_one(value: Any) -> None:
    assert as_object(value) == (value if is_object(value) else {})


def test_objects_in_an_array_are_found_among_other_values() -> None:
    values: list[Any] = [{"a": 1}, None, [], "text"]
    assert objects_in(values) == [{"a": 1}]
    assert objects_in({"a": 1}) == []


def test_an_array_is_not_an_object() -> None:
    assert is_array([])
    assert not is_array({})
    assert not is_object([])


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        "é",
        None,
        {"a": {}, "b": []},
        [[1], {"a": [None]}],
        [*range(100)],
        {"a": [{"b": [*range(33)]}] * 70},
        [""] * 32,
        {"a": 'é"\n\U0001f600x' * 150_000},
    ],
)
def test_the_pieces_of_a_value_are_its_json(value: Any) -> None:
    assert b"".join(encode_in_steps(value)) == encode(value)


def test_a_long_array_comes_in_short_pieces() -> None:
    pieces = [*encode_in_steps({"held": [{"of": ["x" * 100] * 1000}]})]
    assert max(map(len, pieces)) < 4000


def test_a_long_text_comes_in_pieces() -> None:
    pieces = [*encode_in_steps({"held": "x" * 1_000_000})]
    assert max(map(len, pieces)) < 300_000
