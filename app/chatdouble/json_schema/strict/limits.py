"""The size limits of strict schemas (schemas#limits)."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.json_schema.walk import Node, SchemaFaultError, children, is_list, is_node, walk

MAX_LEVELS: Final = 10
MAX_PROPERTIES: Final = 5000
MAX_ENUM_VALUES: Final = 1000
MAX_ENUM_CHARACTERS: Final = 15_000
LONG_ENUM: Final = 250
MAX_CHARACTERS: Final = 120_000

_ADVICE: Final = "Consider reducing the number of enums, or use 'strict: false' to opt out of structured outputs."
_CONTAINERS: Final = ("object", "array")


def check_limits(root: Node) -> None:
    """Check how much a strict schema holds (schemas#limits).

    Raises:
        SchemaFaultError: A limit is passed.
    """
    if (levels := nesting(root)) > MAX_LEVELS:
        raise SchemaFaultError(f"{levels} levels of nesting exceeds limit of {MAX_LEVELS}.")
    nodes = [node for _, node in walk(root)]
    properties = sum(len(_mapping(node, "properties")) for node in nodes)
    if properties > MAX_PROPERTIES:
        raise SchemaFaultError(f"{properties} parameters exceeds limit of {MAX_PROPERTIES}.")
    _check_enums([_listing(node, "enum") for node in nodes])
    characters = sum(len(name) for node in nodes for name in _names(node))
    if characters > MAX_CHARACTERS:
        raise SchemaFaultError(
            f"Expected at most {MAX_CHARACTERS} total characters across property names, definition names, "
            f"enum values, and const values, but received {characters}.",
        )


def nesting(root: Node) -> int:
    """Return how many objects and arrays contain each other at most; each definition counts from its own."""
    deepest = 0
    waiting: list[tuple[int, object]] = [(0, root)]
    while waiting:
        above, node = waiting.pop()
        if is_node(node):
            level = above + _is_container(node)
            deepest = max(deepest, level)
            waiting.extend(
                (0 if step[0] in {"$defs", "definitions"} else level, child) for step, child in children(node)
            )
    return deepest


def _is_container(node: Node) -> bool:
    kind = node.get("type")
    return any(one in _CONTAINERS for one in (kind if is_list(kind) else [kind]))


def _check_enums(enums: list[list[Any]]) -> None:
    values = sum(map(len, enums))
    if values > MAX_ENUM_VALUES:
        raise SchemaFaultError(
            f"Expected at most {MAX_ENUM_VALUES} enum values in total within a single schema when using "
            f"structured outputs, but received {values}. {_ADVICE}",
        )
    for enum in enums:
        characters = sum(len(value) for value in enum if isinstance(value, str))
        if len(enum) > LONG_ENUM and characters > MAX_ENUM_CHARACTERS:
            raise SchemaFaultError(
                f"Expected at most {MAX_ENUM_CHARACTERS} total characters across enum values when there are "
                f"more than {LONG_ENUM} enum values, but received {characters}. {_ADVICE}",
            )


def _names(node: Node) -> Iterator[str]:
    for keyword in ("properties", "$defs", "definitions"):
        yield from _mapping(node, keyword)
    values = [*_listing(node, "enum"), node.get("const")]
    yield from (value for value in values if isinstance(value, str))


def _mapping(node: Node, keyword: str) -> Node:
    found = node.get(keyword)
    return found if is_node(found) else {}


def _listing(node: Node, keyword: str) -> list[Any]:
    found = node.get(keyword)
    return found if is_list(found) else []
