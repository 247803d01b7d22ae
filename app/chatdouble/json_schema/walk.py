"""How a JSON Schema is walked: its subschemas, in order, each with its place."""

from collections.abc import Iterator
from typing import Any, Final

from typing_extensions import TypeIs

Node = dict[str, Any]
Context = tuple[str, ...]

_MAPS: Final = ("$defs", "definitions", "properties", "patternProperties")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLES: Final = ("items", "additionalProperties", "not")


class SchemaFaultError(Exception):
    """What is wrong with a schema, in the API's words."""


def is_node(value: object) -> TypeIs[Node]:
    """Say whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeIs[list[Any]]:
    """Say whether a JSON value is an array."""
    return isinstance(value, list)


def place(context: Context) -> str:
    """Return how the API names a place in a schema: `In context=('properties', 'data'), `."""
    return f"In context={context!r}, "


def children(node: Node) -> Iterator[tuple[Context, object]]:
    """Yield a schema's direct subschemas, each with its place below the schema."""
    for keyword in _MAPS:
        if is_node(named := node.get(keyword)):
            yield from (((keyword, name), child) for name, child in named.items())
    for keyword in _LISTS:
        if is_list(listed := node.get(keyword)):
            yield from (((keyword, str(i)), child) for i, child in enumerate(listed))
    for keyword in _SINGLES:
        if is_node(child := node.get(keyword)):
            yield (keyword,), child


def walk(root: Node) -> Iterator[tuple[Context, Node]]:
    """Yield every schema from the root, depth first, with its place; however deep, without recursion."""
    waiting: list[tuple[Context, object]] = [((), root)]
    while waiting:
        context, node = waiting.pop()
        if is_node(node):
            yield context, node
            below = [((*context, *step), child) for step, child in children(node)]
            waiting.extend(reversed(below))
