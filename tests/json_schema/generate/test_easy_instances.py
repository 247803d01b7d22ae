"""Schemas with an instance that is easy to find, among very much that is not."""

import tracemalloc
from typing import Any, Final

import pytest

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import instance, is_valid
from chatdouble.json_schema.steps import Steps

MANY: Final = 1000


def _required(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties]}


def _conditions(count: int) -> dict[str, Any]:
    conditions = [
        {"if": {"properties": {"a": {"const": f"v{number}"}}}, "then": {"required": [f"b{number}"]}}
        for number in range(count)
    ]
    return {"type": "object", "properties": {"a": {"type": "string"}}, "allOf": conditions}


def _impossible(number: int) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{number}(?=b)c$"}


def _needs(number: int) -> list[str]:
    return [f"a{(7 * number + 1) % MANY}"]


_NAMED: Final = {f"a{number}": {"type": "integer"} for number in range(MANY)}

SCHEMAS: Final[dict[str, Any]] = {
    "types": {"allOf": [{"anyOf": [{"type": "object"}, {"type": "string"}]} for _ in range(MANY)]},
    "requirements": {
        "type": "object",
        "allOf": [{"anyOf": [{"required": [f"a{at}"]}, {"required": [f"b{at}"]}]} for at in range(MANY)],
    },
    "dependencies": {
        "type": "object",
        "properties": _NAMED,
        "dependentRequired": {name: _needs(number) for number, name in enumerate(_NAMED)},
    },
    "dependent schemas": {
        "type": "object",
        "properties": _NAMED,
        "dependentSchemas": {
            name: {"properties": {_needs(number)[0]: {"minimum": number}}} for number, name in enumerate(_NAMED)
        },
    },
    "conditions": _conditions(MANY),
    "denied twice": {"not": {"not": _required(a={"not": {"not": {"not": {"not": {"const": "needle"}}}}})}},
    "references": {
        "type": "object",
        "allOf": [{"$ref": f"#/$defs/{name}"} for name in _NAMED],
        "$defs": {name: {"properties": {name: schema}, "required": [name]} for name, schema in _NAMED.items()},
    },
    "a chain of references": {
        "$ref": "#/$defs/d0",
        "$defs": {**{f"d{at}": {"$ref": f"#/$defs/d{at + 1}"} for at in range(3000)}, "d3000": {"type": "string"}},
    },
    "impossible branches": {"anyOf": [*map(_impossible, range(30)), {"type": "integer"}]},
    "very many impossible branches": _required(a={"anyOf": [*map(_impossible, range(MANY)), {"type": "integer"}]}),
    "values ruled out one by one": {
        "enum": [*range(MANY)],
        "allOf": [{"not": {"const": at}} for at in range(MANY - 1)],
    },
    "values ruled out at once": {"enum": [*range(20_000)], "not": {"enum": [*range(19_999)]}},
    "values below a bound": {"enum": [*range(20_000)], "minimum": 19_999, "type": "integer"},
    "values of another type": {"enum": [*map(str, range(20_000)), 1.0], "type": "integer"},
    "values without a match": {"enum": [*map(str, range(5000))], "pattern": "^4999$"},
    "items of several kinds": {"type": "array", "allOf": [{"contains": {"const": at}} for at in range(5)]},
    "all values, each once": {
        "type": "array",
        "uniqueItems": True,
        "minItems": 100,
        "items": {"enum": [*range(100)]},
    },
    "all names, each once": {
        "type": "object",
        "minProperties": 300,
        "propertyNames": {"enum": [f"k{at}" for at in range(300)]},
    },
    "names of two conditions": {
        "type": "object",
        "minProperties": 3,
        "patternProperties": {"^foo": {"type": "integer"}},
        "additionalProperties": False,
        "propertyNames": {"maxLength": 5},
    },
    **{
        pattern: {"type": "string", "pattern": pattern}
        for pattern in (
            r"^(?=.*a)(?=.*b)(?!.*c).{1000}$",
            r"^(?!.*(.)\1)[ab]{100}$",
            r"^(?=.{500,600}$)(?:[a-z]+ )*[a-z]+$",
            r"^(?=.*foo)(?=.*bar)(?=.*baz)(?=.*qux)(?=.*quux).{40,50}$",
            r"^(?=(?:.*\d){10})(?=(?:.*[a-z]){10}).{20}$",
            r"^\ud83d\ude00$",
            r"^[\ud800-\udbff][\udc00-\udfff]+x$",
        )
    },
    "branches by type and value": {
        "allOf": [{"anyOf": [{"enum": [1]}, {"enum": ["a"]}]}, {"anyOf": [{"type": "boolean"}, {"type": "string"}]}]
        * 40
    },
}


@pytest.mark.parametrize("name", SCHEMAS)
@pytest.mark.parametrize("seed", ["one", "two", "three"])
def test_an_instance_that_is_easy_is_found(name: str, seed: str) -> None:
    steps = Steps()
    made = instance(SCHEMAS[name], Chance(seed), steps)
    assert (steps.gave_up, steps.is_nearest) == (False, False)
    assert is_valid(made, SCHEMAS[name])


def test_a_schema_that_is_too_deep_is_not_answered_with_something_else() -> None:
    steps = Steps()
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(900):
        schema = _required(a=schema)
    assert instance(schema, Chance("seed"), steps) is None
    assert steps.gave_up


@pytest.mark.parametrize(
    ("schema", "number"),
    [
        ({"multipleOf": 0.1, "exclusiveMinimum": 0.2, "exclusiveMaximum": 0.4}, 0.3),
        ({"multipleOf": 0.01, "minimum": 0.07, "maximum": 0.07}, 0.07),
    ],
)
def test_a_multiple_is_one_as_it_is_written(schema: dict[str, Any], number: float) -> None:
    # Not by division of floats: to that, 0.3 is no multiple of 0.1.
    assert instance({"type": "number", **schema}, Chance("seed")) == number


def test_many_choices_take_little_memory() -> None:
    tracemalloc.start()
    try:
        instance(SCHEMAS["dependencies"], Chance("seed"))
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()
