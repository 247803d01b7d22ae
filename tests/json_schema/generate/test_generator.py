"""Instances of JSON schemas, checked with an independent validator."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import instance, is_valid
from parts import portion
from random_schemas import faults, schemas


@settings(max_examples=portion(300))
@given(schemas())
def test_an_instance_is_valid_json_under_any_schema(schema: Any) -> None:
    value = instance(schema, Chance("seed"))
    assert faults(schema, value) == []
    assert json.loads(json.dumps(value)) == value


@settings(max_examples=portion(60))
@given(schemas())
def test_the_same_schema_and_chance_give_the_same_instance(schema: Any) -> None:
    assert instance(schema, Chance("seed")) == instance(schema, Chance("seed"))


JSON_VALUES: tuple[Any, ...] = (
    None,
    1,
    -2.5,
    "x",
    True,
    [],
    ["a", 1],
    {},
    {"a": {}},
    {"type": "string"},
    [{"type": 5}],
)
KEYWORDS = (
    *("type", "enum", "properties", "required", "items", "prefixItems", "anyOf", "allOf", "not", "if", "then"),
    *("pattern", "minLength", "maxLength", "minimum", "multipleOf", "format", "$ref", "$defs", "minItems"),
    *("contains", "patternProperties", "propertyNames", "dependentSchemas", "dependencies", "nullable"),
)


@pytest.mark.parametrize("keyword", KEYWORDS)
@pytest.mark.parametrize("value", JSON_VALUES, ids=str)
def test_a_malformed_keyword_is_ignored(keyword: str, value: Any) -> None:
    schema = {"type": "object", "properties": {"a": {keyword: value}}, "required": ["a"]}
    assert "a" in instance(schema, Chance("seed"))
    assert json.dumps(instance({keyword: value}, Chance("seed")))


ZOD_LIKE = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "type": "object",
    "properties": {
        "steps": {"type": "array", "items": {"$ref": "#/properties/first"}},
        "first": {
            "type": "object",
            "properties": {"explanation": {"type": "string"}, "output": {"type": ["string", "null"]}},
            "required": ["explanation", "output"],
            "additionalProperties": False,
        },
        "again": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
        "slug": {"type": "string", "pattern": "^[a-z0-9]+(?:-[a-z0-9]+)*$", "maxLength": 20},
        "cuid": {"type": "string", "pattern": "^[cC][^\\s-]{8,}$"},
        "hue": {"allOf": [{"type": "integer"}, {"minimum": 0}, {"exclusiveMaximum": 360}]},
    },
    "required": ["steps", "first", "again", "slug", "cuid", "hue"],
    "additionalProperties": False,
}
CASES: dict[str, Any] = {
    "zod": ZOD_LIKE,
    "one of, exclusively": {"oneOf": [{"type": "number"}, {"type": "integer"}]},
    "not": {"type": "integer", "minimum": 1, "maximum": 3, "not": {"enum": [1, 3]}},
    "not a string": {"not": {"type": "string"}},
    "dependent": {
        "type": "object",
        "properties": {"card": {"type": "string"}, "street": {"type": "string"}},
        "dependentRequired": {"card": ["street", "zip"]},
        "dependentSchemas": {"card": {"properties": {"code": {"type": "integer"}}, "required": ["code"]}},
    },
    "all of, closed by each other": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}},
            {"properties": {"a": {"minLength": 30}}, "required": ["a"], "additionalProperties": {"minimum": 5}},
        ]
    },
    "two patterns": {"allOf": [{"type": "string", "pattern": "^[a-f]{2,4}$"}, {"pattern": "a"}]},
    "two multiples": {"allOf": [{"type": "number", "multipleOf": 0.4}, {"multipleOf": 6}]},
    "number and integer": {"allOf": [{"type": ["number", "string"]}, {"type": ["integer", "null"]}]},
    "enum and const": {"allOf": [{"enum": [1, 2.0, 3]}, {"enum": [2, 3]}], "minimum": 3},
    "contains": {"type": "array", "items": {"type": "integer"}, "contains": {"minimum": 50}, "minContains": 3},
    "contains few": {"type": "array", "contains": {"type": "string"}, "maxContains": 1, "minItems": 4},
    "unique booleans": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 2},
    "anchors": {"$ref": "#it", "$defs": {"x": {"$anchor": "it", "type": "integer"}}},
    "escaped pointer": {"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"const": 7}}},
    "deep ways out": {
        "$ref": "#/$defs/a",
        "$defs": {
            "a": {"type": "object", "properties": {"b": {"$ref": "#/$defs/b"}}, "required": ["b"]},
            "b": {"type": "array", "minItems": 1, "items": {"anyOf": [{"$ref": "#/$defs/a"}, {"const": 1}]}},
        },
    },
    "property names": {
        "type": "object",
        "propertyNames": {"enum": ["a", "b", "c"]},
        "additionalProperties": {"type": "integer"},
        "minProperties": 3,
    },
    "pattern properties": {
        "type": "object",
        "patternProperties": {"^x-": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 2,
    },
    "optional without end": {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "bad": {"$ref": "#/$defs/bad"}},
        "$defs": {"bad": {"type": "object", "properties": {"b": {"$ref": "#/$defs/bad"}}, "required": ["b"]}},
    },
    "if then else": {
        "type": "object",
        "properties": {"country": {"enum": ["US", "NL"]}},
        "required": ["country"],
        "if": {"properties": {"country": {"const": "US"}}},
        "then": {"properties": {"code": {"type": "string", "pattern": "^\\d{5}$"}}, "required": ["code"]},
        "else": {"properties": {"code": {"type": "string", "pattern": "^\\d{4}[A-Z]{2}$"}}, "required": ["code"]},
    },
    "unevaluated": {
        "allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}],
        "unevaluatedProperties": False,
    },
    "tight number": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.0001},
    "short email": {"type": "string", "format": "email", "maxLength": 8},
    "two tuples": {
        "allOf": [
            {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": {"type": "boolean"}},
            {"prefixItems": [{"minimum": 500}], "items": {"type": ["string", "boolean"]}, "minItems": 4},
        ]
    },
    "two patterned": {
        "allOf": [
            {"type": "object", "patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": False},
            {"patternProperties": {"^a": {"minimum": 500}}, "minProperties": 2},
        ]
    },
    "tuple on the way out": {
        "$ref": "#/$defs/t",
        "$defs": {
            "t": {"type": "array", "minItems": 2, "prefixItems": [{"const": 1}], "items": {"$ref": "#/$defs/u"}},
            "u": {"anyOf": [{"$ref": "#/$defs/t"}, {"const": 2}]},
        },
    },
    "only below": {"type": "integer", "maximum": -50},
    "far apart": {"type": "number", "minimum": -9000, "maximum": -8999.5},
    "no common multiple of the usual": {"type": "integer", "minimum": 1000, "maximum": 1009, "multipleOf": 9},
    "a dynamic reference": {"$dynamicRef": "#d", "$defs": {"b": {}, "d": {"$dynamicAnchor": "d", "const": 3}}},
    "into an array": {"$ref": "#/$defs/a/anyOf/1", "$defs": {"a": {"anyOf": [{"const": 1}, {"const": 2}]}}},
    "into an unknown keyword": {
        "$ref": "#/components/schemas/a",
        "components": {"schemas": {"a": {"type": "object", "properties": {"b": {"const": 1}}, "required": ["b"]}}},
    },
    "many items": {"type": "array", "items": {"type": "integer"}, "minItems": 500},
}


@pytest.mark.parametrize("schema", CASES.values(), ids=list(CASES))
@pytest.mark.parametrize("seed", range(5))
def test_an_instance_is_valid_under_every_keyword(schema: Any, seed: int) -> None:
    value = instance(schema, Chance(str(seed)))
    assert faults(schema, value) == []


def test_older_drafts_and_nullable_are_supported() -> None:
    schema = {
        "type": "object",
        "properties": {
            "pair": {"type": "array", "items": [{"const": 1}, {"const": 2}], "additionalItems": False},
            "above": {"type": "integer", "minimum": 5, "exclusiveMinimum": True, "maximum": 6},
            "next": {"$ref": "#", "nullable": True},
            "name": {"type": "string", "nullable": True},
        },
        "required": ["pair", "above", "next", "name"],
    }
    value = instance(schema, Chance("seed"))
    assert value["pair"] == [1, 2]
    assert value["above"] == 6
    assert isinstance(value["name"], str)
    while value is not None:
        value = value["next"]


def test_properties_have_the_schemas_order_and_include_optional_ones() -> None:
    names = ["zebra", "apple", "mango", "kiwi"]
    schema = {"properties": {name: {"type": "integer"} for name in names}, "required": ["kiwi"]}
    assert list(instance(schema, Chance("seed"))) == names


def test_a_union_with_null_prefers_another_value() -> None:
    schema = {"anyOf": [{"type": "null"}, {"type": "integer"}]}
    assert all(isinstance(instance(schema, Chance(str(seed))), int) for seed in range(20))


def test_different_chances_give_different_instances() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    assert len({json.dumps(instance(schema, Chance(str(seed)))) for seed in range(10)}) > 5


UNSATISFIABLE: list[Any] = [
    False,
    {"allOf": [{"type": "string"}, {"type": "integer"}]},
    {"type": "object", "properties": {"self": {"$ref": "#"}}, "required": ["self"]},
    {"$ref": "#"},
    {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    {"$ref": "https://example.com/schema.json"},
    {"type": "string", "pattern": "^a$", "minLength": 5},
    {"type": "string", "minLength": 10**12},
    {"type": "array", "minItems": 10**12},
    {"type": "array", "items": {"type": "array", "items": {"type": "null"}, "minItems": 10**6}, "minItems": 10**6},
    {"type": "integer", "minimum": 5, "maximum": 4},
    {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True, "minItems": 5},
    {"type": "object", "minProperties": 5, "propertyNames": {"enum": ["a"]}},
    {"not": {}},
    {"type": "number", "multipleOf": 1e-300, "minimum": 1e300},
    {"oneOf": [{}, {}]},
]


@pytest.mark.parametrize("schema", UNSATISFIABLE, ids=str)
def test_an_unsatisfiable_schema_gets_the_nearest_attempt(schema: Any) -> None:
    json.dumps(instance(schema, Chance("seed")))


def test_a_schema_that_is_too_deep_to_be_read_gets_null() -> None:
    schema: dict[str, Any] = {"type": "integer"}
    for _ in range(900):
        schema = {"type": "object", "properties": {"a": schema}, "required": ["a"]}
    assert instance(schema, Chance("seed")) is None
    assert is_valid(5, schema)


@pytest.mark.parametrize(("value", "expected"), [({"a": 1}, True), ({"a": "x"}, False), ({}, False)])
def test_a_value_is_valid_or_not(value: Any, expected: bool) -> None:
    assert is_valid(value, {"properties": {"a": {"type": "integer"}}, "required": ["a"]}) is expected
