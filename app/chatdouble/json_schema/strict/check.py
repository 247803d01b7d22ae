"""The checks that the API makes of the schemas of response formats and functions, in its order (schemas#sentences)."""

from functools import lru_cache
from typing import Final

import orjson

from chatdouble.core.json import has_more_values, is_object, values_in
from chatdouble.json_schema.strict.fault import Rule, SchemaFault, SchemaFaultError
from chatdouble.json_schema.strict.rules import StrictRules
from chatdouble.json_schema.strict.size_limits import MAX_LEVELS, check_limits, nesting
from chatdouble.json_schema.tree import Schema, walk
from chatdouble.json_schema.validator import schema_error

# Depth of objects and arrays up to which a schema is read, well below Python's recursion limit.
_MAX_DEPTH: Final = 100

_REMEMBERED: Final = 100_000
"""The values of a schema whose fault is remembered: to write larger ones keeps others waiting."""

NOT_AT_ROOT: Final = ("oneOf", "anyOf", "allOf", "enum", "not")


def find_fault(schema: object, *, of_function: bool, strict: bool) -> SchemaFault | None:
    """Return the first fault for which the API refuses a schema, or None if it accepts the schema.

    Args:
        schema: The schema as it was sent.
        of_function: Whether it describes the parameters of a function, rather than a response format.
        strict: Whether `strict: true` was sent with it.
    """
    if has_more_values(schema, _REMEMBERED):
        return _first_fault(schema, of_function=of_function, strict=strict)
    try:
        encoded = orjson.dumps(schema)
    except TypeError:  # too deep or otherwise unencodable, so there is no key for the cache
        return _first_fault(schema, of_function=of_function, strict=strict)
    return _cached_fault(encoded, of_function, strict)


@lru_cache(maxsize=1024)
def _cached_fault(encoded: bytes, of_function: bool, strict: bool) -> SchemaFault | None:
    return _first_fault(orjson.loads(encoded), of_function=of_function, strict=strict)


def _first_fault(schema: object, *, of_function: bool, strict: bool) -> SchemaFault | None:
    try:
        _check(schema, of_function=of_function, strict=strict)
    except SchemaFaultError as error:
        return error.fault
    return None


def _check(schema: object, *, of_function: bool, strict: bool) -> None:
    if not is_object(schema):
        raise SchemaFaultError(Rule.OBJECT, (), schema)
    _check_root(schema)
    _check_depth(schema, strict=strict)
    _check_is_json_schema(schema)
    if of_function:
        _check_function(schema)
    if strict:
        StrictRules(schema).check()
        check_limits(schema)


def _check_root(root: Schema) -> None:
    """Check that the root is an object and not a combination of schemas (schemas#sentences)."""
    if root.get("type") != "object":
        raise SchemaFaultError(Rule.ROOT_TYPE, (), root.get("type"))
    if any(keyword in root for keyword in NOT_AT_ROOT):
        raise SchemaFaultError(Rule.ROOT_COMBINATION)


def _check_depth(root: Schema, *, strict: bool) -> None:
    """Refuse a schema that is too deep for the checks that recurse into it."""
    if _depth(root) <= _MAX_DEPTH:
        return
    levels = nesting(root)
    if strict and levels > MAX_LEVELS:
        raise SchemaFaultError(Rule.MAX_LEVELS, (), levels)
    raise SchemaFaultError(Rule.UNREADABLE)


def _depth(value: object) -> int:
    depth = 0
    layer = [value]
    while layer := [inner for outer in layer for inner in values_in(outer)]:
        depth += 1
    return depth


def _check_is_json_schema(root: Schema) -> None:
    """Check against the metaschema of draft 7; the API passes on the jsonschema library's message.

    A list of `items` passes here and is refused later (schemas#keywords).
    """
    # Draft 7 does not know `$defs`, so these are checked as its `definitions`.
    for schema in (root, {"definitions": root.get("$defs", {})}):
        message = schema_error(schema, draft7=True)
        if message is not None:
            raise SchemaFaultError(Rule.NOT_A_SCHEMA, (), message)


def _check_function(root: Schema) -> None:
    """Check the rules of all functions, strict or not: properties at the root, and items in every array."""
    if "properties" not in root:
        raise SchemaFaultError(Rule.PROPERTIES)
    for path, schema in walk(root):
        if schema.get("type") == "array" and "items" not in schema:
            raise SchemaFaultError(Rule.ITEMS, path)
