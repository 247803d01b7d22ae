"""Schemas made strict: every property is required and no other is allowed."""

from collections.abc import Mapping
from typing import Any, Final

from chatdouble.core.json import is_array, is_object

_OF_SCHEMAS: Final = frozenset({"properties", "$defs", "definitions"})
"""Keywords that hold schemas by name."""


def tightened(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema whose objects require all their properties and allow no others (responses#echo).

    An object with `additionalProperties` of its own keeps them.

    Args:
        schema: A JSON Schema; an empty one is that of an object without properties.
    """
    if not schema:
        return {"type": "object", "properties": {}}
    inner = {key: _inner(key, value) for key, value in schema.items()}
    properties = inner.get("properties")
    if not is_object(properties):
        return inner
    # Keys that are there keep their place, and the others follow.
    closed = {**inner, "required": _required(inner.get("required"), properties)}
    return {**closed, "additionalProperties": inner.get("additionalProperties", False)}


def _required(given: Any, properties: Mapping[str, Any]) -> list[str]:
    """Return the names that are required, in the order given, and then all others."""
    named = [name for name in given if name in properties] if is_array(given) else []
    return [*named, *(name for name in properties if name not in named)]


def _inner(key: str, value: Any) -> Any:
    if key in _OF_SCHEMAS and is_object(value):
        return {name: tightened(one) if is_object(one) and one else one for name, one in value.items()}
    if key in {"enum", "const", "default", "examples"}:
        return value
    if is_object(value):
        return tightened(value) if value else value
    if is_array(value):
        return [tightened(one) if is_object(one) and one else one for one in value]
    return value
