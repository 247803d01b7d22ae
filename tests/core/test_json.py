"""Shape guards for parsed JSON."""

from typing import Any

import pytest

from chatdouble.core.json import as_object, is_array, is_object, objects_in


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
