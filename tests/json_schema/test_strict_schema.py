"""Schemas of response formats and functions are refused where the API refuses them, in its words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.core.errors import APIError
from chatdouble.json_schema.strict import check as strict_schema
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
    """Return an object as structured outputs want it."""
    required = list(properties)
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **more,
    }


def fault(schema: object, *, strict: bool = True, function: bool = False) -> str | None:
    """Return what is said of a schema, without its prefix."""
    subject, code = ("function 'f'", "invalid_function_parameters") if function else ("response_format 'r'", None)
    try:
        strict_schema.check(schema, subject=subject, param="p", code=code, strict=strict)
    except APIError as error:
        return error.message.removeprefix(f"Invalid schema for {subject}").removeprefix(": ")
    return None


def nested(levels: int) -> Schema:
    """Return objects inside each other."""
    schema = closed({"leaf": STRING})
    for _ in range(levels - 1):
        schema = closed({"inner": schema})
    return schema


def test_the_envelope_names_the_subject_the_place_and_the_code() -> None:
    with pytest.raises(APIError) as caught:
        strict_schema.check(
            {"type": "object", "properties": {}},
            subject="function 'get_weather'",
            param="tools[0].function.parameters",
            code="invalid_function_parameters",
            strict=True,
        )
    assert caught.value.status == 400
    assert caught.value.envelope()["error"] == {
        "message": f"Invalid schema for function 'get_weather': In context=(), {CLOSED}",
        "type": "invalid_request_error",
        "param": "tools[0].function.parameters",
        "code": "invalid_function_parameters",
    }


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
def test_a_schema_within_the_rules_passes(schema: Schema) -> None:
    assert fault(schema) is None
    assert fault(schema, function=True) is None


@pytest.mark.parametrize(
    ("properties", "said"),
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
def test_a_property_outside_the_rules_is_named_with_its_place(properties: Schema, said: str) -> None:
    assert fault(closed(properties)) == said


def test_required_must_name_every_property_and_nothing_else() -> None:
    both = closed({"a": STRING, "b": STRING})
    assert fault({**both, "required": ["a"]}) == f"In context=(), {REQUIRED}Missing 'b'."
    assert fault({**both, "required": ["a", "b", "c"]}) == f"In context=(), {REQUIRED}Extra required key 'c' supplied."
    del both["required"]
    assert fault(both) == f"In context=(), {REQUIRED}Missing 'a'."
    del both["properties"]
    assert fault(both) == "In context=(), object schema missing properties."


def test_additional_properties_of_the_root_are_looked_into_first() -> None:
    branch: Schema = {**closed({"rotation": STRING}), "required": []}
    root = closed({}, additionalProperties={"anyOf": [{"anyOf": [STRING, branch]}]})
    assert fault(root) == (
        f"In context=('additionalProperties', 'anyOf', '0', 'anyOf', '1'), {REQUIRED}Missing 'rotation'."
    )
    assert fault(closed({}, additionalProperties=STRING)) == (f"In context=(), {CLOSED}")


def test_of_several_faults_the_outer_additional_properties_come_before_and_required_after_the_inner() -> None:
    inner = {"type": "object", "properties": {"x": STRING}}
    outer = {"type": "object", "properties": {"a": inner, "b": STRING}}
    assert fault(outer) == f"In context=(), {CLOSED}"
    assert fault({**outer, "additionalProperties": False}) == f"{AT_A}{CLOSED}"


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("function", [True, False])
def test_the_root_is_an_object_and_no_combination(strict: bool, function: bool) -> None:
    kind = "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'."
    assert fault({}, strict=strict, function=function) == kind.format("None")
    assert fault({"type": "array"}, strict=strict, function=function) == kind.format("array")
    assert fault(closed({}, anyOf=[closed({})]), strict=strict, function=function) == (
        "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'not' at the top level."
    )


def test_a_function_that_is_not_strict_needs_properties_and_items_only() -> None:
    lax: Schema = {"type": "object", "properties": {"a": {"oneOf": [STRING], "default": 1}, "b": {}}}
    assert fault(lax, strict=False, function=True) is None
    assert fault({"type": "object"}, strict=False, function=True) == (
        "In context=(), object schema missing properties."
    )
    listed = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "array"}}}}
    assert fault(listed, strict=False, function=True) == (
        "In context=('properties', 'a', 'items'), array schema missing items."
    )


def test_what_is_no_json_schema_is_refused_in_the_words_of_json_schema() -> None:
    assert fault({"type": "object", "properties": {"a": {"type": "string", "required": True}}}, strict=False) == (
        "True is not of type 'array'."
    )
    assert fault(closed({}, **{"$defs": {"A": {"required": 5}}})) == "5 is not of type 'array'."
    assert fault("text") == "'text' is not of type 'object', 'boolean'."


@pytest.mark.parametrize(
    ("schema", "said"),
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
def test_the_limits_of_strict_schemas(schema: Schema, said: str) -> None:
    assert fault(schema) == said
    assert fault(schema, strict=False) is None


def test_a_schema_without_end_is_refused_and_breaks_nothing() -> None:
    assert fault(nested(5000)) == "5000 levels of nesting exceeds limit of 10."
    assert fault(nested(5000), strict=False) == ". Please ensure it is a valid JSON Schema."
    deep = STRING
    for _ in range(48):
        deep = {"anyOf": [deep]}
    assert fault(closed({"a": deep})) is None


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
def test_any_json_value_is_judged_without_a_crash(
    value: object,
    keys: Schema,
    strict: bool,
    function: bool,
) -> None:
    fault(value, strict=strict, function=function)
    fault({**closed({"a": value, "b": keys}), "$defs": keys}, strict=strict, function=function)


@full_corpora
def test_every_schema_the_real_api_took_is_taken() -> None:
    judged = 0
    for line in EXCHANGES.read_text().splitlines():
        exchange: Schema = json.loads(line)
        body: Schema = exchange["request_body"] or {}
        if exchange["status"] != 200:
            continue
        for schema, strict, function in _schemas(body):
            assert fault(schema, strict=strict, function=function) is None, schema
            judged += 1
    assert judged > 100


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
