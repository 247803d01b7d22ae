"""The schemas of response formats and functions: whether the API takes them, and what it says if not."""

from functools import lru_cache
from typing import Any, Final

import orjson

from chatdouble.core.errors import APIError
from chatdouble.json_schema.strict.limits import MAX_LEVELS, check_limits, nesting
from chatdouble.json_schema.strict.rules import MISSING_ITEMS, MISSING_PROPERTIES, StrictRules
from chatdouble.json_schema.walk import Node, SchemaFaultError, is_list, is_node, place, walk

_DEEPEST: Final = 100
_NOT_AT_ROOT: Final = ("oneOf", "anyOf", "allOf", "enum", "not")


class _NotASchemaError(SchemaFaultError):
    """Nothing more can be said of it than that it is no JSON Schema."""


def check(schema: object, *, subject: str, param: str, code: str | None, strict: bool) -> None:
    """Check the schema of a response format or a function as the API does (schemas#sentences).

    Args:
        schema: The schema as it was sent.
        subject: What it belongs to: "response_format 'NAME'" or "function 'NAME'".
        param: Where it stands in the request.
        code: The error's code; a function's schemas have one, a response format's have none.
        strict: Whether structured outputs were asked for.

    Raises:
        APIError: The API would refuse the schema.
    """
    try:
        _check(schema, of_function=code is not None, strict=strict)
    except _NotASchemaError:
        message = f"Invalid schema for {subject}. Please ensure it is a valid JSON Schema."
        raise APIError(message, param=param, code=code) from None
    except SchemaFaultError as fault:
        raise APIError(f"Invalid schema for {subject}: {fault}", param=param, code=code) from None


def _check(schema: object, *, of_function: bool, strict: bool) -> None:
    if not is_node(schema):
        raise SchemaFaultError(f"{schema!r} is not of type 'object', 'boolean'.")
    _check_root(schema)
    _check_depth(schema, strict=strict)
    _check_is_json_schema(schema)
    if of_function:
        _check_function(schema)
    if strict:
        StrictRules(schema).check()
        check_limits(schema)


def _check_root(root: Node) -> None:
    """Check that the root is an object and no combination (schemas#sentences)."""
    if root.get("type") != "object":
        raise SchemaFaultError(
            f"schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{root.get('type')}\"'."
        )
    if any(keyword in root for keyword in _NOT_AT_ROOT):
        forbidden = "/".join(map(repr, _NOT_AT_ROOT))
        raise SchemaFaultError(f"schema must have type 'object' and not have {forbidden} at the top level.")


def _check_depth(root: Node, *, strict: bool) -> None:
    """Refuse what is too deep to be read at all, before anything recurses into it."""
    if _depth(root) <= _DEEPEST:
        return
    levels = nesting(root)
    if strict and levels > MAX_LEVELS:
        raise SchemaFaultError(f"{levels} levels of nesting exceeds limit of {MAX_LEVELS}.")
    raise _NotASchemaError


def _depth(value: object) -> int:
    depth = 0
    layer = [value]
    while layer := [below for held in layer for below in _held(held)]:
        depth += 1
    return depth


def _held(value: object) -> list[Any]:
    if is_node(value):
        return list(value.values())
    return value if is_list(value) else []


def _check_is_json_schema(root: Node) -> None:
    """Check against JSON Schema's own schema; the API passes on what the jsonschema library says.

    Draft 7 as the API reads it: a list of `items` passes here and is refused later (schemas#keywords).
    """
    from jsonschema import Draft7Validator, SchemaError  # noqa: PLC0415 - 70 ms that most servers never need

    try:
        Draft7Validator.check_schema(root)
        Draft7Validator.check_schema({"definitions": root.get("$defs", {})})
    except SchemaError as error:
        raise SchemaFaultError(f"{error.message}.") from None


def _check_function(root: Node) -> None:
    """Check what holds for every function, strict or not: properties at the root, items in arrays."""
    if "properties" not in root:
        raise SchemaFaultError(place(()) + MISSING_PROPERTIES)
    for context, node in walk(root):
        if node.get("type") == "array" and "items" not in node:
            raise SchemaFaultError(place(context) + MISSING_ITEMS)


def fault(schema: dict[str, Any], *, subject: str, param: str, code: str | None, strict: bool) -> APIError | None:
    """Return what the API says to a schema, or None if it takes it; see `check`."""
    try:
        known = _Schema(orjson.dumps(schema), schema)
    except TypeError:  # too deep to be written: judged each time anew
        message = _judged(schema, subject, code, strict)
    else:
        message = _remembered(known, subject, code, strict)
    return APIError(message, param=param, code=code) if message else None


class _Schema:
    """A schema that is the same as another when they are written the same."""

    __slots__ = ("value", "written")

    def __init__(self, written: bytes, value: dict[str, Any]) -> None:
        self.written = written
        self.value = value

    def __hash__(self) -> int:
        return hash(self.written)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Schema) and self.written == other.written


@lru_cache(maxsize=1024)
def _remembered(schema: _Schema, subject: str, code: str | None, strict: bool) -> str | None:
    return _judged(schema.value, subject, code, strict)


def _judged(schema: dict[str, Any], subject: str, code: str | None, strict: bool) -> str | None:
    try:
        check(schema, subject=subject, param="", code=code, strict=strict)
    except APIError as error:
        return error.message
    return None
