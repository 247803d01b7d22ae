"""The parts of schemas that may break the metaschema: the library's error is the same for them as for the whole."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, SchemaError

from chatdouble.json_schema.metaschema import VALID, uncertain
from chatdouble.json_schema.validator import schema_error

NAMES = st.sampled_from([*Draft7Validator.META_SCHEMA["properties"], "$defs", "nullable", "x"])
VALUES: Any = st.sampled_from(
    [
        *(None, True, False, 0, -1, 1.0, 1.5, "a", "(", "object", "#", "#/a", "%%", "http://x y"),
        *([], ["a"], ["a", "a"], ["string"], ["string", "string"], [1], {}, {"a": 1}, {"a": "b"}, {"type": 5}),
    ]
)


def _around(inner: Any) -> Any:
    named = st.dictionaries(st.sampled_from(["a", "b", "^a", "("]), inner, max_size=3)
    return st.dictionaries(NAMES, VALUES | inner | named | st.lists(inner, max_size=3), max_size=4)


SCHEMAS = st.recursive(VALUES, _around, max_leaves=12)


def _error(schema: Any) -> str | None:
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError as error:
        return error.message
    return None


@given(SCHEMAS)
def test_the_error_is_the_one_of_the_whole_schema(schema: Any) -> None:
    assert schema_error(schema, draft7=True) == _error(schema)


@given(SCHEMAS)
def test_nothing_is_left_of_valid_parts_alone(schema: Any) -> None:
    if uncertain(schema) is VALID:
        assert _error(schema) is None


@pytest.mark.parametrize("inner", [{}, {"type": "string", "minLength": 1}, {"type": ["string", "null"]}])
def test_the_library_does_not_look_at_very_many_valid_properties(inner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Any] = []
    monkeypatch.setattr(Draft7Validator, "check_schema", looked.append)
    properties: dict[str, Any] = {f"p{number}": {"title": f"{number}", **inner} for number in range(10_000)}
    assert schema_error({"type": "object", "properties": properties}, draft7=True) is None
    assert not looked
    schema_error({"type": "object", "properties": {**properties, "wrong": {"type": 5}}}, draft7=True)
    assert looked == [{"properties": {"wrong": {"type": 5}}}]


LONG: dict[str, tuple[Any, str]] = {
    "a number among names": ({"required": [*map(str, range(100_000)), 5]}, "5 is not of type 'string'"),
    "a name again": ({"required": [*map(str, range(100_000)), "7"]}, "['0', '1', '2'"),
    "types": ({"type": ["string"] * 100_000}, "['string', 'string'"),
    "items": ({"items": [*[{}] * 100_000, 5]}, "[5] is not valid under any of the given schemas"),
    "dependencies": ({"dependencies": {"a": ["a"] * 100_000}}, "['a', 'a'"),
}


@pytest.mark.parametrize(("schema", "error"), LONG.values(), ids=list(LONG))
def test_the_library_looks_at_some_of_a_very_long_list(
    schema: Any, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    def noting(given: Any) -> None:
        looked.append(len(str(given)))
        _check(given)

    _check = Draft7Validator.check_schema
    monkeypatch.setattr(Draft7Validator, "check_schema", noting)
    assert (schema_error(schema, draft7=True) or "").startswith(error)
    assert max(looked) < 20_000


def test_the_expressions_of_a_schema_are_compiled_up_to_a_length(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[int] = []
    compile_ = re.compile

    def noted(pattern: str) -> Any:
        compiled.append(len(pattern))
        return compile_(pattern)

    monkeypatch.setattr("chatdouble.json_schema.metaschema.re.compile", noted)
    patterns = [{"pattern": f"^{number}{'a' * 30_000}"} for number in range(50)]
    assert uncertain({"allOf": patterns}) is VALID
    assert sum(compiled) <= 100_000
    assert uncertain({"pattern": "("}) == {"pattern": "("}
