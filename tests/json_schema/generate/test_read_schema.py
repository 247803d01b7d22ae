"""Schemas of which every generated value is valid are known as such, and no others."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import instance
from chatdouble.json_schema.generate.read_schema import read_schema
from chatdouble.json_schema.steps import Steps

TEXT: dict[str, Any] = {"type": "string", "description": "The city"}
STRICT: dict[str, Any] = {
    "type": "object",
    "properties": {"city": TEXT, "days": {"type": ["integer", "null"]}, "tags": {"type": "array", "items": TEXT}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


@pytest.mark.parametrize("schema", [{}, True, TEXT, STRICT, {"properties": {"a": STRICT}}, {"required": ["a", "b"]}])
def test_any_value_made_for_a_simple_schema_is_valid(schema: Any) -> None:
    assert read_schema(schema, Steps()).is_simple
    validator: Any = Draft202012Validator(schema)
    assert all(validator.is_valid(instance(schema, Chance("simple").at(seed))) for seed in range(20))


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "object", "properties": {"a": False}},
        {"type": "object", "properties": {"a": {"$ref": "#"}}},
        {"type": "object", "required": ["a"], "additionalProperties": False},
        {"type": "object", "additionalProperties": TEXT},
        {"type": "string", "enum": ["a", 1]},
        {"type": "array", "items": TEXT, "minItems": 2},
        {"type": "object", "properties": {"a": {**TEXT, "maxLength": 3}}},
    ],
)
def test_a_schema_that_asks_for_more_is_not_simple(schema: Any) -> None:
    assert not read_schema(schema, Steps()).is_simple
