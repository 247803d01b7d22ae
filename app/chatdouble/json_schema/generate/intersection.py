"""The intersection of schemas: one schema for several that must hold together."""

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from chatdouble.core.json import is_object
from chatdouble.json_schema.equality import canonical
from chatdouble.json_schema.patterns import contains_match
from chatdouble.json_schema.steps import Steps

Keywords = dict[str, Any]

_NUMERIC: Final = frozenset({"number", "integer"})


def intersect(one: Keywords, other: Keywords, steps: Steps) -> Keywords:
    """Return keywords that allow what both allow, as far as one schema can express it.

    Two patterns cannot be merged, nor can two `contains`, so the second is kept in `allOf`.

    Args:
        one: Normalised keywords without references and combinators. Their properties come first.
        other: Keywords of the same kind.
        steps: The budget.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    if not (one and other):
        return one or other
    merged = one | other
    for keyword in one.keys() & other.keys():
        join = _INTERSECTIONS.get(keyword)
        merged[keyword] = join(one[keyword], other[keyword]) if join else one[keyword]
    for group in (_object_group, _array_group):
        merged |= group(one, other, steps)
    values = _values(one, other)
    if values is not None:
        merged.pop("const", None)
        merged["enum"] = values
    if one.get("pattern") != other.get("pattern") and "pattern" in one and "pattern" in other:
        merged["allOf"] = [*merged.get("allOf", []), {"pattern": other["pattern"]}]
    if one.get("contains") != other.get("contains") and "contains" in one and "contains" in other:
        both = {name: value for name, value in merged.items() if name not in _CONTAINS}
        kept = {name: one[name] for name in _CONTAINS if name in one}
        further = {name: other[name] for name in _CONTAINS if name in other}
        merged = {**both, **kept, "allOf": [*both.get("allOf", []), further]}
    return merged


_CONTAINS: Final[tuple[str, ...]] = ("contains", "minContains", "maxContains")


def is_contradictory(keywords: Keywords, steps: Steps, names: Sequence[str] | None = None) -> bool:
    """Return whether keywords contradict each other in a way that is easy to find.

    Args:
        keywords: The keywords.
        steps: The budget.
        names: The required properties that are looked at; by default all.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    if keywords.get("type") == [] or keywords.get("enum") == []:
        return True
    kinds = keywords.get("type", ())
    values = allowed_values(keywords)
    if kinds and values is not None:
        steps.spend(len(values) // _COPIED)
        return not any(is_of_types(value, kinds) for value in values)
    needed = keywords.get("required", ()) if names is None else names
    return bool(kinds) and all(_empty(kind, keywords, needed, steps) for kind in kinds)


def is_of_types(value: object, kinds: Sequence[str]) -> bool:
    """Return whether a JSON value is of one of some types."""
    kind = _KINDS.get(value.__class__, "null")
    if kind in kinds or (kind == "integer" and "number" in kinds):
        return True
    return "integer" in kinds and isinstance(value, float) and value.is_integer()


_KINDS: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    list: "array",
    dict: "object",
}


def all_of(schemas: list[Any]) -> Any:
    """Return one schema for schemas that must hold together."""
    restricting = [schema for schema in schemas if schema is not True and schema != {}]
    if any(schema is False for schema in restricting):
        return False
    if len(restricting) > 1:
        return {"allOf": restricting}
    return restricting[0] if restricting else True


def property_schema(keywords: Keywords, name: str, steps: Steps) -> Any:
    """Return the schema of a property, taken from `properties`, `patternProperties` and `additionalProperties`.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    return all_of(_schemas_of_property(keywords, name, steps))


def item_schema(keywords: Keywords, index: int) -> Any:
    """Return the schema of the item at an index."""
    prefix = keywords.get("prefixItems", [])
    return prefix[index] if index < len(prefix) else keywords.get("items", True)


def _values(one: Keywords, other: Keywords) -> list[Any] | None:
    first, second = allowed_values(one), allowed_values(other)
    if first is None or second is None:
        return None
    allowed = {canonical(value) for value in second}
    return [value for value in first if canonical(value) in allowed]


def allowed_values(keywords: Keywords) -> list[Any] | None:
    """Return the values of `const` or `enum`, or None if there is neither."""
    if "const" in keywords:
        return [keywords["const"]]
    return keywords.get("enum")


_OF_OBJECTS: Final = frozenset({"properties", "patternProperties", "additionalProperties"})
_OF_ARRAYS: Final = frozenset({"prefixItems", "items"})


def _object_group(one: Keywords, other: Keywords, steps: Steps) -> Keywords:
    if one.keys().isdisjoint(_OF_OBJECTS) or other.keys().isdisjoint(_OF_OBJECTS):
        return {}
    patterns = [*one.get("patternProperties", {}), *other.get("patternProperties", {})]
    steps.spend(len(patterns) // 5)
    merged: Keywords = {
        "properties": _properties(one, other, steps),
        "additionalProperties": all_of(
            [one.get("additionalProperties", True), other.get("additionalProperties", True)]
        ),
    }
    if patterns:
        merged["patternProperties"] = {
            pattern: all_of([_schema_of_pattern(one, pattern), _schema_of_pattern(other, pattern)])
            for pattern in dict.fromkeys(patterns)
        }
    return merged


def _properties(one: Keywords, other: Keywords, steps: Steps) -> dict[str, Any]:
    """Return the properties of both, those of the first in front."""
    properties: dict[str, Any] = {**one.get("properties", {})}
    added: Mapping[str, Any] = other.get("properties", {})
    # What the second does not name, it may still not allow.
    touched = added if _allows_others(other) else {**properties, **added}
    steps.spend(len(properties) // _COPIED + len(touched) // 5)
    for name in touched:
        both = [*_schemas_of_property(one, name, steps), *_schemas_of_property(other, name, steps)]
        properties[name] = _merged(all_of(both), steps)
    return properties


def _merged(schema: Any, steps: Steps) -> Any:
    """Return one schema for simple ones that must hold together, which otherwise become longer with each merge."""
    if not (is_object(schema) and schema.keys() == {"allOf"}):
        return schema
    first, *others = schema["allOf"]
    if not (is_simple(first) and all(map(is_simple, others))):
        return schema
    for other in others:
        first = intersect(first, other, steps)
    return first if is_simple(first) and not is_contradictory(first, steps) else False if is_simple(first) else schema


_STRUCTURE: Final = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired"}
    | {"$defs", "definitions", "unevaluatedProperties", "unevaluatedItems", "contains"}
)


def is_simple(schema: Any) -> bool:
    """Return whether a schema is an object without references, choices and checks."""
    return is_object(schema) and schema.keys().isdisjoint(_STRUCTURE)


_COPIED: Final = 500
"""The properties that are copied in a step."""


def _allows_others(keywords: Keywords) -> bool:
    return "patternProperties" not in keywords and keywords.get("additionalProperties", True) is True


def _schemas_of_property(keywords: Keywords, name: str, steps: Steps) -> list[Any]:
    declared = keywords.get("properties", {})
    schemas = [declared[name]] if name in declared else []
    patterns: Mapping[str, Any] = keywords.get("patternProperties", {})
    schemas += [schema for pattern, schema in patterns.items() if contains_match(pattern, name, steps)]
    return schemas or [keywords.get("additionalProperties", True)]


def _schema_of_pattern(keywords: Keywords, pattern: str) -> Any:
    return keywords.get("patternProperties", {}).get(pattern, keywords.get("additionalProperties", True))


def _array_group(one: Keywords, other: Keywords, steps: Steps) -> Keywords:
    if one.keys().isdisjoint(_OF_ARRAYS) or other.keys().isdisjoint(_OF_ARRAYS):
        return {}
    length = max(len(one.get("prefixItems", [])), len(other.get("prefixItems", [])))
    steps.spend(length // 5)
    merged: Keywords = {"items": all_of([one.get("items", True), other.get("items", True)])}
    if length:
        merged["prefixItems"] = [
            all_of([item_schema(one, index), item_schema(other, index)]) for index in range(length)
        ]
    return merged


def _types(one: list[str], other: list[str]) -> list[str]:
    both = [kind for kind in one if kind in other]
    if "integer" not in both and {"number", "integer"} <= {*one, *other}:
        both += ["integer"] if _NUMERIC & {*one} and _NUMERIC & {*other} else []
    return both


def _common_multiple(one: float, other: float) -> float:
    # Through text, 0.1 is exactly a tenth.
    first, second = Fraction(str(one)), Fraction(str(other))
    numerator = math.lcm(first.numerator * second.denominator, second.numerator * first.denominator)
    multiple = Fraction(numerator, first.denominator * second.denominator)
    return int(multiple) if multiple.denominator == 1 else float(multiple)


def _empty(kind: str, keywords: Keywords, needed: Sequence[str], steps: Steps) -> bool:
    pairs = {
        "string": (("minLength", "maxLength"),),
        "array": (("minItems", "maxItems"),),
        "object": (("minProperties", "maxProperties"),),
        "number": (("minimum", "maximum"), ("exclusiveMinimum", "maximum"), ("minimum", "exclusiveMaximum")),
    }
    pairs["integer"] = pairs["number"]
    if any(keywords.get(low, -math.inf) > keywords.get(high, math.inf) for low, high in pairs.get(kind, ())):
        return True
    if kind != "object":
        return False
    steps.spend(len(needed) // 10)
    return any(property_schema(keywords, name, steps) is False for name in needed)


def _either(one: list[Any], other: list[Any]) -> list[Any]:
    return list(dict.fromkeys([*one, *other]))


def _both(one: Any, other: Any) -> Any:
    return all_of([one, other])


_INTERSECTIONS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "type": _types,
    "required": _either,
    "multipleOf": _common_multiple,
    "uniqueItems": lambda one, other: one or other,
    "allOf": lambda one, other: [*one, *other],
    "propertyNames": _both,
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties", "minContains"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties", "maxContains"), min),
}
