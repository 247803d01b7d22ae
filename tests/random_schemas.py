"""Random satisfiable JSON schemas and an independent validator, for property tests."""

from typing import Any

from hypothesis import strategies as st
from jsonschema import Draft202012Validator

NAMES = st.sampled_from(
    ["name", "email", "age", "city", "price", "createdAt", "items", "a b", "x", "url", "phone", "$id", "type"]
)
FORMATS = [
    *("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri"),
    *("idn-email", "iri", "uri-reference", "json-pointer", "regex", "uri-template"),
]
PATTERNS = [
    *(r"^\d{3}-\d{4}$", r"^[a-z0-9_-]{3,16}$", r"^(foo|bar)+$", r"\bword\b", r"^#(?:[0-9a-f]{3}){1,2}$"),
    *(r"^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$", r"^\S+@\S+\.\S+$", r"^(?=.*\d)(?=.*[a-z]).{6,}$", r"^(a+)+$", r"^.*$"),
    *(r"^(\d)\1{2}$", r"^https?://[^\s/]+/.*$", r"^[^\W\d_]+$", r"x{2,}y?", r"^(?!foo)[a-z]{3,5}$"),
]


def strings() -> st.SearchStrategy[dict[str, Any]]:
    """Schemas of strings."""
    sized = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
        lambda both: {"type": "string", "minLength": min(both), "maxLength": max(both)}
    )
    return st.one_of(
        st.just({"type": "string"}),
        sized,
        st.sampled_from(FORMATS).map(lambda name: {"type": "string", "format": name}),
        st.sampled_from(PATTERNS).map(lambda pattern: {"type": "string", "pattern": pattern}),
    )


@st.composite
def numbers(draw: st.DrawFn) -> dict[str, Any]:
    """Schemas of numbers, with bounds wide enough to contain a multiple."""
    kind = draw(st.sampled_from(["integer", "number"]))
    schema: dict[str, Any] = {"type": kind}
    step = draw(st.sampled_from([None, 1, 2, 5, 0.5, 0.25, 0.01, 0.1]))
    if step is not None:
        schema["multipleOf"] = step
    low = draw(st.one_of(st.none(), st.integers(-(10**9), 10**9), st.floats(-1e6, 1e6)))
    if low is not None:
        schema[draw(st.sampled_from(["minimum", "exclusiveMinimum"]))] = low
        if draw(st.booleans()):
            width = draw(st.integers(6, 10**6))
            schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = low + width
    elif draw(st.booleans()):
        schema[draw(st.sampled_from(["maximum", "exclusiveMaximum"]))] = draw(st.integers(-(10**9), 10**9))
    return schema


def leaves() -> st.SearchStrategy[Any]:
    """Schemas without subschemas."""
    integers = st.integers(-(2**60), 2**60)
    values = st.lists(st.one_of(st.none(), st.booleans(), integers, st.text(max_size=5)), min_size=1, max_size=4)
    return st.one_of(
        strings(),
        numbers(),
        st.sampled_from([{"type": "boolean"}, {"type": "null"}, {"type": ["string", "null"]}, True, {}]),
        values.map(lambda listed: {"enum": listed}),
        values.map(lambda listed: {"const": listed}),
    )


@st.composite
def objects(draw: st.DrawFn, parts: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Schemas of objects."""
    properties = draw(st.dictionaries(NAMES, parts, max_size=4))
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    schema["required"] = draw(st.lists(st.sampled_from([*properties] or ["other"]), unique=True))
    form = draw(st.sampled_from(["closed", "open", "map", "patterns", "many", "names"]))
    if form == "closed" and set(schema["required"]) <= properties.keys():
        schema["additionalProperties"] = False
    elif form == "map":
        schema["additionalProperties"] = draw(parts)
    elif form == "patterns":
        schema["patternProperties"] = {"^n_": draw(numbers()), "_s$": draw(strings())}
    elif form == "many":
        schema["minProperties"] = draw(st.integers(0, 7))
    elif form == "names" and not properties and not schema["required"]:
        schema |= {"propertyNames": {"pattern": "^[a-z]{2,8}$"}, "minProperties": 2}
    return schema


@st.composite
def arrays(draw: st.DrawFn, parts: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Schemas of arrays."""
    schema: dict[str, Any] = {"type": "array"}
    low = draw(st.integers(0, 4))
    form = draw(st.sampled_from(["items", "prefix", "unique", "contains"]))
    if form == "items":
        schema |= {"items": draw(parts), "minItems": low, "maxItems": low + draw(st.integers(0, 3))}
    elif form == "prefix":
        schema |= {"prefixItems": draw(st.lists(parts, min_size=1, max_size=3)), "items": draw(parts)}
        schema["minItems"] = low
    elif form == "unique":
        schema |= {"items": {"type": "integer", "minimum": 0}, "uniqueItems": True, "minItems": low}
    else:
        schema |= {"contains": draw(parts), "minItems": low}
    return schema


def combined(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Satisfiable schemas with combinators."""
    several = st.lists(parts, min_size=1, max_size=3)
    node = {"$ref": "#/$defs/node"}
    return st.one_of(
        several.map(lambda ways: {"anyOf": ways}),
        parts.map(
            lambda part: {"oneOf": [{"type": "object", "properties": {"v": part}, "required": ["v"]}, {"type": "null"}]}
        ),
        parts.map(lambda part: {"allOf": [part, {"description": "Both"}]}),
        parts.map(lambda part: {"anyOf": [node, part]}),
        st.just(node),
        st.tuples(objects(parts), parts).map(
            lambda both: {"allOf": [both[0] | {"additionalProperties": True}], "properties": {"more": both[1]}}
        ),
        parts.map(
            lambda part: {
                "type": "object",
                "properties": {"kind": {"enum": ["a", "b"]}},
                "required": ["kind"],
                "if": {"properties": {"kind": {"const": "a"}}},
                "then": {"properties": {"first": part}, "required": ["first"]},
                "else": {"properties": {"second": part}, "required": ["second"]},
            }
        ),
    )


def schemas() -> st.SearchStrategy[Any]:
    """Schemas of objects with all kinds of parts, and with a recursive definition."""
    parts: st.SearchStrategy[Any] = st.recursive(
        leaves(), lambda inner: st.one_of(objects(inner), arrays(inner), combined(inner)), max_leaves=12
    )
    nodes = parts.map(
        lambda part: {
            "type": "object",
            "properties": {
                "part": part,
                "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
                "root": {"$ref": "#"},
            },
            "required": ["children", "next"],
        }
    )
    return st.tuples(objects(parts), nodes).map(lambda both: both[0] | {"$defs": {"node": both[1]}})


def faults(schema: Any, value: Any) -> list[str]:
    """Return the errors of a value under a schema, formats included."""
    checker = Draft202012Validator.FORMAT_CHECKER
    validator: Any = Draft202012Validator(schema, format_checker=checker)
    return [one.message for one in validator.iter_errors(value)]
