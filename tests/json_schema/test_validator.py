"""Validation of values and schemas."""

import importlib
import socket
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from chatdouble.json_schema.validator import Validator, schema_error

T = TypeVar("T")

ITEMS: dict[str, Any] = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "integer"}}}}


def test_an_error_names_the_path_of_the_invalid_part() -> None:
    (error,) = Validator(ITEMS).errors({"items": [1, "two"]})
    assert (error.path, error.instance) == ("$.items[1]", "two")
    assert str(error) == "items[1]: 'two' is not of type 'integer'"


def test_an_error_of_the_whole_value_has_no_path() -> None:
    (error,) = Validator(ITEMS).errors([])
    assert str(error) == "[] is not of type 'object'"


def test_a_value_is_validated_under_a_part_of_the_schema() -> None:
    validator = Validator(ITEMS)
    assert validator.is_valid([1], ITEMS["properties"]["items"])
    assert not validator.is_valid([1], ITEMS)


def test_references_are_resolved_once_for_all_values(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver: Any = importlib.import_module("referencing._core").Resolver
    lookup, resolved = resolver.lookup, Counter[str]()

    def counted(self: Any, ref: str) -> Any:
        resolved[ref] += 1
        return lookup(self, ref)

    monkeypatch.setattr(resolver, "lookup", counted)
    levels = {f"t{level + 1}": {"oneOf": [{"$ref": f"#/$defs/t{level}"}, {"const": level}]} for level in range(20)}
    schema = {"$ref": "#/$defs/t20", "$defs": {"t0": {"type": "string"}, **levels}}
    validator = Validator(schema)
    assert validator.is_valid("a", schema)
    assert validator.is_valid(7, schema)
    assert not validator.is_valid(0.5, schema)
    assert [*resolved.values()] == [1] * 21


@pytest.mark.parametrize(("formats", "expected"), [(False, True), (True, False)])
def test_formats_are_checked_if_asked_for(formats: bool, expected: bool) -> None:
    schema = {"type": "string", "format": "ipv4"}
    assert Validator(schema, formats=formats).is_valid("300.0.0.1", schema) is expected


@pytest.mark.parametrize(
    ("form", "value", "expected"),
    [
        ("iri", "https://exämple.com/straße?q=ü#日本", True),
        ("iri", "https://exämple.com/a b", False),
        ("iri", "straße", False),
        ("iri", "https://example.com/\ud800", False),
        ("iri", 5, True),
        ("iri-reference", "straße", True),
        ("iri-reference", "a\\ß", False),
    ],
)
def test_an_iri_is_valid_if_its_uri_is(form: str, value: object, expected: bool) -> None:
    schema = {"format": form}
    assert Validator(schema, formats=True).is_valid(value, schema) is expected


@pytest.mark.parametrize(
    "schema",
    [{"$ref": "#"}, {"$ref": "#/$defs/missing"}, {"$ref": "https://example.com/schema.json"}, {"pattern": "("}],
    ids=["endless", "missing", "remote", "uncompilable"],
)
def test_every_value_is_valid_under_a_schema_that_cannot_be_evaluated(
    schema: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the validator opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    validator = Validator(schema)
    assert validator.is_valid("x", schema)
    assert list(validator.errors("x")) == []


def at_depth(frames: int, function: Callable[[], T]) -> T:
    """Return what a function returns that is called within so many others."""
    return at_depth(frames - 1, function) if frames else function()


@pytest.mark.parametrize("frames", range(16))
def test_no_depth_of_calls_makes_a_schema_without_an_end_fail(frames: int) -> None:
    # Where exactly Python's limit is reached decides whether the library for references meets it, which panics.
    assert at_depth(frames, lambda: Validator({"$ref": "#"}).is_valid("x", {"$ref": "#"}))


@pytest.mark.parametrize(("levels", "is_valid"), [(199, False), (200, True)])
def test_a_schema_is_evaluated_to_a_bounded_depth(levels: int, is_valid: bool) -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(levels):
        schema = {"anyOf": [schema]}
    assert Validator(schema).is_valid("x", schema) is is_valid


@pytest.mark.parametrize("frames", range(16))
def test_a_very_deep_schema_is_not_checked(frames: int) -> None:
    schema: dict[str, Any] = {"type": "str"}
    for _ in range(400):
        schema = {"not": schema}
    assert at_depth(frames, lambda: schema_error(schema)) is None
    assert at_depth(frames, lambda: schema_error(schema, draft7=True)) is None


def test_a_value_that_is_not_a_schema_has_a_schema_error() -> None:
    assert schema_error({"type": "str"}) == "'str' is not valid under any of the given schemas"
    assert schema_error({"type": "string"}) is None


def test_a_list_of_items_is_a_schema_in_draft_7_alone() -> None:
    schema = {"items": [{"type": "string"}]}
    assert schema_error(schema, draft7=True) is None
    assert schema_error(schema) == "[{'type': 'string'}] is not of type 'object', 'boolean'"
