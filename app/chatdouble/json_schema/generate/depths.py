"""The least depth of instances, which tells a recursive schema's ways out from its dead ends."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.json_schema.tree import references_in, resolve

_LEAVES: Final = frozenset({"string", "number", "integer", "boolean", "null"})


class MinimumDepths:
    """The least depth of instances of each part of a schema; infinite where a recursion has no way out.

    Args:
        root: The normalised schema.
    """

    def __init__(self, root: Any) -> None:
        self._root = root
        self._known: dict[str, float] = {}
        self._measures: Mapping[str, Callable[[Mapping[str, Any]], float]] = {
            "$ref": self._reference,
            "allOf": lambda schema: self._deepest(schema["allOf"]),
            "anyOf": lambda schema: self._shallowest(schema["anyOf"]),
            "oneOf": lambda schema: self._shallowest(schema["oneOf"]),
            "if": lambda schema: self._shallowest([schema.get("then", True), schema.get("else", True)]),
            "required": self._properties,
            "minItems": self._items,
        }

    def of(self, schema: Any) -> float:
        """Return the levels of objects and arrays in the shallowest instance."""
        for reference in references_in(schema):
            if reference not in self._known:
                self._learn(reference)
        return self._measure(schema)

    def _learn(self, reference: str) -> None:
        """Compute the least fixed point for a reference and everything that is reached from it."""
        reached = [reference]
        for one in reached:
            self._known.setdefault(one, math.inf)
            target = resolve(self._root, one)
            reached += [found for found in dict.fromkeys(references_in(target)) if found not in reached]
        changed = True
        while changed:
            changed = False
            # The references found last are nearest to the leaves, and are measured first.
            for one in reversed(reached):
                depth = self._measure(resolve(self._root, one))
                changed = changed or depth != self._known[one]
                self._known[one] = depth

    def _measure(self, schema: Any) -> float:
        if isinstance(schema, bool):
            return 0 if schema else math.inf
        return max((measure(schema) for keyword, measure in self._measures.items() if keyword in schema), default=0)

    def _deepest(self, schemas: list[Any]) -> float:
        return max(map(self._measure, schemas), default=0)

    def _shallowest(self, schemas: list[Any]) -> float:
        return min(map(self._measure, schemas))

    def _reference(self, schema: Mapping[str, Any]) -> float:
        return self._known.get(schema["$ref"], math.inf)

    def _properties(self, schema: Mapping[str, Any]) -> float:
        if not _is_nested(schema):
            return 0
        declared = schema.get("properties", {})
        needed = [declared.get(name, schema.get("additionalProperties", True)) for name in schema["required"]]
        return 1 + self._deepest(needed)

    def _items(self, schema: Mapping[str, Any]) -> float:
        if not _is_nested(schema):
            return 0
        count = schema["minItems"]
        prefix = schema.get("prefixItems", [])[:count]
        rest = [schema.get("items", True)] if count > len(prefix) else []
        return 1 + self._deepest([*prefix, *rest]) if count else 0


def _is_nested(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema's instances have to be objects or arrays that are not listed."""
    kinds = schema.get("type", ())
    return "const" not in schema and "enum" not in schema and not _LEAVES.intersection(kinds)
