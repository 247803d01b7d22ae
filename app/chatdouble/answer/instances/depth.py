"""How deep the shallowest instance of a schema is: the way out of a recursion."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.answer.instances.pointer import find
from chatdouble.answer.shapes import is_list, is_object

_LEAVES: Final = frozenset({"string", "number", "integer", "boolean", "null"})


class Depths:
    """The least nesting of each part of a root schema; infinite where a recursion has no way out.

    Args:
        root: A cleaned schema.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        self._known: dict[str, float] = {}
        self._measures: Mapping[str, Callable[[Mapping[str, Any]], float]] = {
            "$ref": self._reference,
            "allOf": lambda schema: self._all(schema["allOf"]),
            "anyOf": lambda schema: self._any(schema["anyOf"]),
            "oneOf": lambda schema: self._any(schema["oneOf"]),
            "if": lambda schema: self._any([schema.get("then", True), schema.get("else", True)]),
            "required": self._properties,
            "minItems": self._items,
        }

    def of(self, schema: Any) -> float:
        """Return the levels of objects and arrays that the shallowest instance needs."""
        for reference in _references(schema):
            if reference not in self._known:
                self._learn(reference)
        return self._measure(schema)

    def _learn(self, reference: str) -> None:
        """Find the least fixed point for a reference and all that it leads to."""
        reached = [reference]
        for one in reached:
            self._known.setdefault(one, math.inf)
            target = find(self._root, one)
            reached += [found for found in dict.fromkeys(_references(target)) if found not in reached]
        changed = True
        while changed:
            changed = False
            for one in reversed(reached):
                measured = self._measure(find(self._root, one))
                changed = changed or measured != self._known[one]
                self._known[one] = measured

    def _measure(self, schema: Any) -> float:
        if isinstance(schema, bool):
            return 0 if schema else math.inf
        parts = [measure(schema) for name, measure in self._measures.items() if name in schema]
        return max(parts, default=0)

    def _all(self, schemas: list[Any]) -> float:
        return max((self._measure(one) for one in schemas), default=0)

    def _any(self, schemas: list[Any]) -> float:
        return min(self._measure(one) for one in schemas)

    def _reference(self, schema: Mapping[str, Any]) -> float:
        return self._known.get(schema["$ref"], math.inf)

    def _properties(self, schema: Mapping[str, Any]) -> float:
        if not _leafless(schema):
            return 0
        declared = schema.get("properties", {})
        needed = [declared.get(name, schema.get("additionalProperties", True)) for name in schema["required"]]
        return 1 + self._all(needed)

    def _items(self, schema: Mapping[str, Any]) -> float:
        if not _leafless(schema):
            return 0
        count = schema["minItems"]
        prefix = schema.get("prefixItems", [])[:count]
        rest = [schema.get("items", True)] if count > len(prefix) else []
        return 1 + self._all([*prefix, *rest]) if count else 0


def _leafless(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type", ())
    return "const" not in schema and "enum" not in schema and not _LEAVES.intersection(kinds)


def _references(node: Any) -> list[str]:
    if is_list(node):
        return [found for item in node for found in _references(item)]
    if not is_object(node):
        return []
    found = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    inner = (value for name, value in node.items() if name not in ("$defs", "definitions", "enum", "const"))
    return found + [reference for value in inner for reference in _references(value)]
