"""The size limits of strict schemas (schemas#limits)."""

from collections.abc import Iterator
from typing import Final

from chatdouble.core.json import as_array, as_object, is_array, is_object
from chatdouble.json_schema.strict.fault import Rule, SchemaFaultError
from chatdouble.json_schema.tree import Schema, subschemas, walk

MAX_LEVELS: Final = 10
MAX_PROPERTIES: Final = 5000
MAX_ENUM_VALUES: Final = 1000
MAX_ENUM_CHARACTERS: Final = 15_000
LONG_ENUM: Final = 250
"""Number of values up to which an enum may have any number of characters."""
MAX_CHARACTERS: Final = 120_000

_CONTAINERS: Final = ("object", "array")


def check_limits(root: Schema) -> None:
    """Check the size of a strict schema (schemas#limits).

    Raises:
        SchemaFaultError: The schema exceeds a limit.
    """
    schemas = [schema for _, schema in walk(root)]
    _check_count(Rule.MAX_LEVELS, nesting(root), MAX_LEVELS)
    _check_count(Rule.MAX_PROPERTIES, sum(len(as_object(one.get("properties"))) for one in schemas), MAX_PROPERTIES)
    enums = [as_array(schema.get("enum")) for schema in schemas]
    _check_count(Rule.MAX_ENUM_VALUES, sum(map(len, enums)), MAX_ENUM_VALUES)
    for enum in enums:
        if len(enum) > LONG_ENUM:
            characters = sum(len(value) for value in enum if isinstance(value, str))
            _check_count(Rule.MAX_ENUM_CHARACTERS, characters, MAX_ENUM_CHARACTERS)
    characters = sum(len(text) for schema in schemas for text in _texts(schema))
    _check_count(Rule.MAX_CHARACTERS, characters, MAX_CHARACTERS)


def _check_count(rule: Rule, count: int, limit: int) -> None:
    if count > limit:
        raise SchemaFaultError(rule, (), count)


def nesting(root: Schema) -> int:
    """Return the number of objects and arrays inside each other; each definition is counted from its own root."""
    deepest = 0
    waiting: list[tuple[int, object]] = [(0, root)]
    while waiting:
        above, schema = waiting.pop()
        if is_object(schema):
            level = above + _is_container(schema)
            deepest = max(deepest, level)
            waiting.extend(
                # A definition is counted from its own root, not from where it is defined.
                (0 if path[0] in {"$defs", "definitions"} else level, subschema)
                for path, subschema in subschemas(schema)
            )
    return deepest


def _is_container(schema: Schema) -> bool:
    kind = schema.get("type")
    # Not a set: the type is not validated yet, and may be unhashable.
    return any(one in _CONTAINERS for one in (kind if is_array(kind) else [kind]))


def _texts(schema: Schema) -> Iterator[str]:
    """Yield the texts that count towards a schema's characters."""
    for keyword in ("properties", "$defs", "definitions"):
        yield from as_object(schema.get(keyword))
    values = [*as_array(schema.get("enum")), schema.get("const")]
    yield from (value for value in values if isinstance(value, str))
