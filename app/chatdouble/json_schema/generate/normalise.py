"""Normalised schemas: without malformed keywords, and with the forms of older drafts brought up to date."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote

from chatdouble.core.json import is_array, is_object
from chatdouble.json_schema.generate.dialect import to_python
from chatdouble.json_schema.tree import MISSING, pointers_of_anchors, resolve

TYPES: Final = ("string", "number", "integer", "boolean", "object", "array", "null")

_MAPS: Final = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_ONES: Final = frozenset(
    {"items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames"}
    | {"unevaluatedItems", "unevaluatedProperties", "additionalItems"}
)
_VALUES: Final = frozenset({"enum", "const", "default", "examples", "example"})
_DROPPED: Final = frozenset({"$schema", "$id", "id", "$vocabulary", "nullable", "dependencies"})


def normalise(schema: object) -> Any:
    """Return a schema in which every keyword has the shape that JSON Schema 2020-12 defines.

    Malformed keywords and references without a target are dropped, and references to anchors are pointers. Patterns
    are translated to Python's syntax. The forms of drafts 4 and 7 (`items` as a list, boolean `exclusiveMinimum`,
    `dependencies`) and OpenAPI's `nullable` are replaced with those of 2020-12.

    Args:
        schema: Any JSON value.
    """
    # References may repeat the schema's own $id in front of the fragment.
    own_id = schema.get("$id") if is_object(schema) else None
    normalised = _schema(schema, own_id if isinstance(own_id, str) and own_id else None)
    _settle_references(normalised, normalised, pointers_of_anchors(normalised))
    return normalised


def _schema(schema: object, own_id: str | None) -> Any:
    if isinstance(schema, bool):
        return schema
    if not is_object(schema):
        return True
    kept: dict[str, Any] = {}
    for keyword, value in _modern(schema).items():
        read = _keyword(keyword, value, own_id)
        if read is not MISSING:
            kept[keyword] = read
    denied = kept.get("not")
    if is_object(denied) and denied.keys() == {"not"}:  # what is denied twice holds
        kept["allOf"] = [*kept.get("allOf", ()), kept.pop("not")["not"]]
    if schema.get("nullable") is True:
        return _nullable(kept)
    return kept


def _keyword(keyword: str, value: object, own_id: str | None) -> Any:
    if keyword in _DROPPED:
        return MISSING
    if keyword in _VALUES:
        return value if keyword != "enum" or (is_array(value) and value) else MISSING
    if keyword in _MAPS:
        return _schemas_by_name(keyword, value, own_id)
    if keyword in _LISTS:
        return [_schema(one, own_id) for one in value] if is_array(value) and value else MISSING
    if keyword in _ONES:
        return _schema(value, own_id) if isinstance(value, bool) or is_object(value) else MISSING
    read = _READERS.get(keyword)
    if read is not None:
        return read(value)
    if keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
        return value.removeprefix(own_id or "") if isinstance(value, str) else MISSING
    return _unknown(value, own_id)


def _schemas_by_name(keyword: str, value: object, own_id: str | None) -> Any:
    if not is_object(value):
        return MISSING
    named = {name: _schema(one, own_id) for name, one in value.items()}
    if keyword != "patternProperties":
        return named
    patterns = {to_python(name): one for name, one in named.items()}
    return {name: one for name, one in patterns.items() if name is not None}


def _unknown(value: object, own_id: str | None) -> Any:
    """Normalise the value of an unknown keyword, since references may point into it."""
    if is_object(value):
        return {name: _unknown(one, own_id) if is_object(one) else one for name, one in value.items()} | {
            name: _schema(one, own_id) for name, one in value.items() if _looks_like_schema(one)
        }
    return value


def _looks_like_schema(value: object) -> bool:
    return is_object(value) and not value.keys().isdisjoint({"type", "$ref", "anyOf", "allOf", "oneOf", "enum"})


def _modern(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Replace the forms of older drafts with those of 2020-12."""
    modern = dict(schema)
    if is_array(modern.get("items")):
        modern["prefixItems"] = modern.pop("items")
        if "additionalItems" in modern:
            modern["items"] = modern.pop("additionalItems")
    for exclusive, inclusive in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if modern.get(exclusive) is True and inclusive in modern:
            modern[exclusive] = modern.pop(inclusive)
    dependencies = modern.get("dependencies")
    if is_object(dependencies):
        names = {name: value for name, value in dependencies.items() if is_array(value)}
        schemas = {name: value for name, value in dependencies.items() if not is_array(value)}
        modern.setdefault("dependentRequired", names)
        modern.setdefault("dependentSchemas", schemas)
    return modern


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kinds = schema.get("type")
    if kinds is None:
        return {"anyOf": [schema, {"type": ["null"]}]}
    listed = kinds if is_array(kinds) else [kinds]
    widened = schema | {"type": [*listed, *(() if "null" in listed else ("null",))]}
    if "enum" in schema and None not in schema["enum"]:
        widened["enum"] = [*schema["enum"], None]
    return widened


def _settle_references(node: Any, root: Any, anchors: Mapping[str, str]) -> None:
    """Drop references without a target, in place, and turn dynamic ones and those to anchors into pointers."""
    if is_array(node):
        for item in node:
            _settle_references(item, root, anchors)
    if not is_object(node):
        return
    for keyword in ("$dynamicRef", "$recursiveRef"):
        if isinstance(node.get(keyword), str):
            node.setdefault("$ref", node.pop(keyword))
    reference = node.get("$ref")
    if isinstance(reference, str):
        # An anchor is searched for in the whole schema, each time that somebody follows it.
        node["$ref"] = pointer = anchors.get(unquote(reference), reference)
        if not unquote(f"{pointer}/").startswith("#/") or resolve(root, pointer) is MISSING:
            del node["$ref"]
    for keyword, value in node.items():
        if keyword not in _VALUES:
            _settle_references(value, root, anchors)


def _kinds(value: object) -> Any:
    listed: object = [value] if isinstance(value, str) else value
    if not is_array(listed):
        return MISSING
    # In a fixed order, since the same types in another order must give the same instance.
    known = [kind for kind in TYPES if kind in listed]
    return known or MISSING


def _number(value: object) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return MISSING
    if isinstance(value, float) and not math.isfinite(value):
        return MISSING
    return value


def _divisor(value: object) -> Any:
    number = _number(value)
    return number if number is not MISSING and number > 0 else MISSING


def _size(value: object) -> Any:
    number = _number(value)
    return int(number) if number is not MISSING and number >= 0 and number == int(number) else MISSING


def _text(value: object) -> Any:
    return value if isinstance(value, str) else MISSING


def _names(value: object) -> Any:
    return [one for one in value if isinstance(one, str)] if is_array(value) else MISSING


def _pattern(value: object) -> Any:
    translated = to_python(value) if isinstance(value, str) else None
    return MISSING if translated is None else translated


def _names_by_name(value: object) -> Any:
    if not is_object(value):
        return MISSING
    return {name: _names(one) for name, one in value.items() if is_array(one)}


_READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    "type": _kinds,
    "multipleOf": _divisor,
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _size),
    **dict.fromkeys(("minProperties", "maxProperties", "minContains", "maxContains"), _size),
    **dict.fromkeys(("format", "title", "description", "$comment", "$anchor", "$dynamicAnchor"), _text),
    "pattern": _pattern,
    "required": _names,
    "dependentRequired": _names_by_name,
    "uniqueItems": lambda value: value if isinstance(value, bool) else MISSING,
}
