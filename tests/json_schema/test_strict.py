"""Schemas of response formats and functions that the API accepts, and its errors for those that it refuses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.json_schema.strict import Rule, SchemaFault, find_fault
from chatdouble.validation.wording.schemas import invalid_schema
from corpora import REFERENCE, full_corpora

EXCHANGES = REFERENCE / "exchanges.jsonl"
Schema = dict[str, Any]
STRING: Schema = {"type": "string"}
AT_A = "In context=('properties', 'a'), "
CLOSED = "'additionalProperties' is required to be supplied and to be false."
UNTYPED = "schema must have a 'type' key."
ELSEWHERE = "reference can only point to definitions defined at the top level of the schema."
ADVICE = "Consider reducing the number of enums, or use 'strict: false' to opt out of structured outputs."
OUTPUTS = "total within a single schema when using structured outputs"
LONG = "enum values when there are more than 250 enum values"
NAMES = "property names, definition names, enum values, and const values"
REQUIRED = "'required' is required to be supplied and to be an array including every key in properties. "


def closed(properties: Schema, **more: Any) -> Schema:
    """Return the schema of an object that follows the strict rules."""
    required = list(properties)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **more,
    }


def message(schema: object, *, strict: bool = True, function: bool = False) -> str | None:
    """Return the API's message for a schema without its beginning, or None if the schema is accepted."""
    found = find_fault(schema, of_function=function, strict=strict)
    if found is None:
        return None
    return invalid_schema(found, "X", "p").message.removeprefix("Invalid schema for X").removeprefix(": ")


def nested(levels: int) -> Schema:
    """Return the schema of objects inside each other."""
    schema = closed({"leaf": STRING})
    for _ in range(levels - 1):
        schema = closed({"inner": schema})
    return schema


def test_a_fault_names_its_rule_path_and_details() -> None:
    schema = closed({"a": {"type": "string", "format": "uri"}})
    assert find_fault(schema, of_function=False, strict=True) == SchemaFault(Rule.FORMAT, ("properties", "a"), ("uri",))
    assert find_fault(schema, of_function=False, strict=False) is None


@pytest.mark.parametrize(
    "schema",
    [
        closed({}),
        closed({"a": STRING, "b": {"type": ["string", "null"], "format": "date-time"}}),
        closed({"a": {"type": "string", "pattern": "^a+$", "default": "a", "minLength": 1}}),
        closed({"a": {"anyOf": [closed({"b": {"type": "integer", "minimum": 0}}), {"type": "null"}]}}),
        closed({"a": {"type": "array", "items": STRING, "minItems": 1, "maxItems": 3}}),
        closed({"next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}),
        closed({"a": {"$ref": "#/$defs/A"}}, **{"$defs": {"A": closed({"a": {"$ref": "#/$defs/A"}})}}),
        closed({"a": {"$ref": "#/definitions/A~1B"}}, definitions={"A/B": {"type": "string", "enum": ["x"]}}),
        nested(10),
    ],
)
def test_a_schema_that_follows_the_rules_is_accepted(schema: Schema) -> None:
    assert message(schema) is None
    assert message(schema, function=True) is None


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"a": {"allOf": [STRING]}}, f"{AT_A}'allOf' is not permitted."),
        ({"a": {"oneOf": [STRING]}}, f"{AT_A}'oneOf' is not permitted."),
        (
            {"a": {"type": "array", "items": STRING, "uniqueItems": True}},
            f"{AT_A}'uniqueItems' is not permitted.",
        ),
        ({"a": {}}, f"{AT_A}{UNTYPED}"),
        ({"a": {"const": 1}}, f"{AT_A}{UNTYPED}"),
        ({"a": True}, f"{AT_A}{UNTYPED}"),
        ({"a": {"type": "array"}}, f"{AT_A}array schema missing items."),
        (
            {"a": {"type": "array", "items": [STRING]}},
            f"{AT_A}array schema items is not an object.",
        ),
        (
            {"a": {"type": ["string", "null"], "format": "uri"}},
            "In context=('properties', 'a', 'type', '0'), 'uri' is not a valid format.",
        ),
        (
            {"a": {"$ref": "#/$defs/A", "description": "an A"}},
            "context=('properties', 'a'), $ref cannot have keywords {'description'}.",
        ),
        (
            {"a": {"$ref": "#/$defs/A"}},
            f"{AT_A}reference to component '#/$defs/A' which was not found in the schema.",
        ),
        (
            {"a": {"$ref": "#/$defs"}},
            f"{AT_A}reference to component '#/$defs' which was not found in the schema.",
        ),
        (
            {"a": STRING, "b": {"$ref": "#/properties/a"}},
            f"In context=('properties', 'b'), {ELSEWHERE}",
        ),
        (
            {"a": {"type": ["object", "null"], "additionalProperties": {}}},
            f"In context=('properties', 'a', 'type', '0', 'additionalProperties'), {UNTYPED}",
        ),
        (
            {"a": {"type": "object", "additionalProperties": STRING}},
            f"In context=(), {REQUIRED}Extra required key 'a' supplied.",
        ),
        (
            {"a": {"type": "array", "items": {"type": "object", "properties": {}}}},
            f"In context=('properties', 'a', 'items'), {CLOSED}",
        ),
        (
            {"a": {"type": ["integer", "null"], "enum": [1, None, "0"]}},
            "context=('properties', 'a'), enum value 0 does not validate against {'type': ['integer', 'null']}.",
        ),
        ({"a": {"type": "str"}}, "'str' is not valid under any of the given schemas."),
    ],
)
def test_a_property_that_breaks_a_rule_is_reported_with_its_path(properties: Schema, expected: str) -> None:
    assert message(closed(properties)) == expected


def test_required_must_list_every_property_and_nothing_else() -> None:
    both = closed({"a": STRING, "b": STRING})
    assert message({**both, "required": ["a"]}) == f"In context=(), {REQUIRED}Missing 'b'."
    assert (
        message({**both, "required": ["a", "b", "c"]}) == f"In context=(), {REQUIRED}Extra required key 'c' supplied."
    )
    del both["required"]
    assert message(both) == f"In context=(), {REQUIRED}Missing 'a'."
    del both["properties"]
    assert message(both) == "In context=(), object schema missing properties."


@pytest.mark.parametrize("kind", ["object", ["object", "null"]])
def test_an_object_without_properties_is_ignored(kind: object) -> None:
    ignored: Schema = {"type": kind, "additionalProperties": False}
    assert message({**closed({"a": ignored, "b": STRING}), "required": ["b"]}) is None


def test_an_ignored_object_may_be_required_if_it_may_be_null() -> None:
    extra = f"In context=(), {REQUIRED}Extra required key 'a' supplied."
    assert message(closed({"a": {"type": ["object", "null"], "additionalProperties": False}})) is None
    assert message(closed({"a": {"type": "object", "additionalProperties": False}})) == extra


def test_additional_properties_of_the_root_are_checked_first() -> None:
    branch: Schema = {**closed({"rotation": STRING}), "required": []}
    root = closed({}, additionalProperties={"anyOf": [{"anyOf": [STRING, branch]}]})
    assert message(root) == (
        f"In context=('additionalProperties', 'anyOf', '0', 'anyOf', '1'), {REQUIRED}Missing 'rotation'."
    )
    assert message(closed({}, additionalProperties=STRING)) == (f"In context=(), {CLOSED}")


def test_an_object_is_checked_for_additional_properties_before_its_properties_and_for_required_after_them() -> None:
    inner = {"type": "object", "properties": {"x": STRING}}
    outer = {"type": "object", "properties": {"a": inner, "b": STRING}}
    assert message(outer) == f"In context=(), {CLOSED}"
    assert message({**outer, "additionalProperties": False}) == f"{AT_A}{CLOSED}"


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("function", [True, False])
def test_the_root_must_be_an_object_and_not_a_combination(strict: bool, function: bool) -> None:
    kind = "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'."
    assert message({}, strict=strict, function=function) == kind.format("None")
    assert message({"type": "array"}, strict=strict, function=function) == kind.format("array")
    assert message(closed({}, anyOf=[closed({})]), strict=strict, function=function) == (
        "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
    )


def test_a_function_that_is_not_strict_needs_only_properties_and_items() -> None:
    lax: Schema = {"type": "object", "properties": {"a": {"oneOf": [STRING], "default": 1}, "b": {}}}
    assert message(lax, strict=False, function=True) is None
    assert message({"type": "object"}, strict=False, function=True) == (
        "In context=(), object schema missing properties."
    )
    listed = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "array"}}}}
    assert message(listed, strict=False, function=True) == (
        "In context=('properties', 'a', 'items'), array schema missing items."
    )


def test_an_invalid_json_schema_is_refused_with_the_message_of_jsonschema() -> None:
    assert message({"type": "object", "properties": {"a": {"type": "string", "required": True}}}, strict=False) == (
        "True is not of type 'array'."
    )
    assert message(closed({}, **{"$defs": {"A": {"required": 5}}})) == "5 is not of type 'array'."
    assert message("text") == "'text' is not of type 'object', 'boolean'."


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (nested(11), "11 levels of nesting exceeds limit of 10."),
        (closed({f"p{i}": STRING for i in range(5001)}), "5001 parameters exceeds limit of 5000."),
        (
            closed({"a": {"type": "integer", "enum": list(range(1001))}}),
            f"Expected at most 1000 enum values in {OUTPUTS}, but received 1001. {ADVICE}",
        ),
        (
            closed({"a": {"type": "string", "enum": [f"{i:060}" for i in range(251)]}}),
            f"Expected at most 15000 total characters across {LONG}, but received 15060. {ADVICE}",
        ),
        (
            closed({"a": {"type": "string", "enum": ["x" * 120_000]}}),
            f"Expected at most 120000 total characters across {NAMES}, but received 120001.",
        ),
    ],
)
def test_a_strict_schema_is_limited_in_size(schema: Schema, expected: str) -> None:
    assert message(schema) == expected
    assert message(schema, strict=False) is None


def test_a_very_deep_schema_is_refused() -> None:
    assert message(nested(5000)) == "5000 levels of nesting exceeds limit of 10."
    assert message(nested(5000), strict=False) == ". Please ensure it is a valid JSON Schema."
    deep = STRING
    for _ in range(48):
        deep = {"anyOf": [deep]}
    assert message(closed({"a": deep})) is None


keywords = st.sampled_from(
    [
        "type",
        "properties",
        "required",
        "items",
        "anyOf",
        "$defs",
        "$ref",
        "enum",
        "format",
        "additionalProperties",
    ],
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(keywords | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.dictionaries(keywords, json_values), st.booleans(), st.booleans())
def test_any_json_value_is_checked_without_a_crash(value: object, keys: Schema, strict: bool, function: bool) -> None:
    message(value, strict=strict, function=function)
    message({**closed({"a": value, "b": keys}), "$defs": keys}, strict=strict, function=function)


@full_corpora
def test_every_schema_that_the_real_api_accepted_is_accepted() -> None:
    checked = 0
    for line in EXCHANGES.read_text().splitlines():
        exchange: Schema = json.loads(line)
        body: Schema = exchange["request_body"] or {}
        if exchange["status"] != 200:
            continue
        for schema, strict, function in _schemas(body):
            assert message(schema, strict=strict, function=function) is None, schema
            checked += 1
    assert checked > 100


def _schemas(body: Schema) -> Iterator[tuple[Schema, bool, bool]]:
    tools: list[Schema] = body.get("tools") or []
    for tool in tools:
        function: Schema = tool.get("function") or {}
        if function.get("parameters"):
            yield function["parameters"], bool(function.get("strict")), True
    form: Schema = body.get("response_format") or {}
    wanted: Schema = form.get("json_schema") or {}
    if "schema" in wanted:
        yield wanted["schema"], bool(wanted.get("strict")), False
