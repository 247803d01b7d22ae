"""The least depth of instances, which tells a recursive schema's ways out from its dead ends."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from chatdouble.core.json import is_array, is_object
from chatdouble.json_schema.steps import Steps
from chatdouble.json_schema.tree import resolve

_LEAVES: Final = frozenset({"string", "number", "integer", "boolean", "null"})


class MinimumDepths:
    """The least depth of instances of each part of a schema; infinite where a recursion has no way out.

    Args:
        root: The normalised schema.
        steps: The budget.

    Raises:
        OutOfStepsError: The budget is used up.
    """

    def __init__(self, root: Any, steps: Steps) -> None:
        self._root = root
        self._known: dict[str, float] = {}
        # By identity, for the parts of the root alone: others are made on the way and do not live as long.
        self._parts: dict[int, float | None] = {}
        self._measures: Mapping[str, Callable[[Mapping[str, Any], Steps], float]] = {
            "$ref": self._reference,
            "allOf": lambda schema, steps: self._deepest(schema["allOf"], steps),
            "anyOf": lambda schema, steps: self._shallowest(schema["anyOf"], steps),
            "oneOf": lambda schema, steps: self._shallowest(schema["oneOf"], steps),
            "if": lambda schema, steps: self._shallowest([schema.get("then", True), schema.get("else", True)], steps),
            "required": self._properties,
            "minItems": self._items,
        }
        self._learn(steps)

    def has(self, schema: object) -> bool:
        """Return whether a schema is a part of the root."""
        return id(schema) in self._parts

    def _learn(self, steps: Steps) -> None:
        """Compute the least fixed point of all references, then the depth of each part."""
        objects = list(_objects(self._root))
        steps.spend(len(objects) // 10)
        # The references found last are nearest to the leaves, and are measured first.
        found = (one.get("$ref") for one in objects)
        references = {one: resolve(self._root, one) for one in found if isinstance(one, str)}
        targets = dict(reversed(references.items()))
        self._known = dict.fromkeys(targets, math.inf)
        changed = True
        while changed:
            changed = False
            for reference, target in targets.items():
                depth = self.of(target, steps)
                changed = changed or depth != self._known[reference]
                self._known[reference] = depth
        self._parts = {id(one): None for one in objects}
        # The innermost parts come last, and those around them need theirs.
        for one in reversed(objects):
            self.of(one, steps)

    def of(self, schema: Any, steps: Steps) -> float:
        """Return the levels of objects and arrays in the shallowest instance.

        Args:
            schema: A part of the root, or a schema made of its parts.
            steps: The budget; what is measured costs no more of it.

        Raises:
            OutOfStepsError: The budget is used up.
        """
        if not is_object(schema):
            return math.inf if schema is False else 0
        known = self._parts.get(id(schema))
        if known is not None:
            return known
        steps.spend()
        depth = max(
            (measure(schema, steps) for keyword, measure in self._measures.items() if keyword in schema), default=0
        )
        if id(schema) in self._parts:
            self._parts[id(schema)] = depth
        return depth

    def _deepest(self, schemas: list[Any], steps: Steps) -> float:
        return max((self.of(schema, steps) for schema in schemas), default=0)

    def _shallowest(self, schemas: list[Any], steps: Steps) -> float:
        return min(self.of(schema, steps) for schema in schemas)

    def _reference(self, schema: Mapping[str, Any], _: Steps) -> float:
        return self._known.get(schema["$ref"], math.inf)

    def _properties(self, schema: Mapping[str, Any], steps: Steps) -> float:
        if not _is_nested(schema):
            return 0
        declared = schema.get("properties", {})
        needed = [declared.get(name, schema.get("additionalProperties", True)) for name in schema["required"]]
        return 1 + self._deepest(needed, steps)

    def _items(self, schema: Mapping[str, Any], steps: Steps) -> float:
        if not _is_nested(schema):
            return 0
        count = schema["minItems"]
        prefix = schema.get("prefixItems", [])[:count]
        rest = [schema.get("items", True)] if count > len(prefix) else []
        return 1 + self._deepest([*prefix, *rest], steps) if count else 0


def _is_nested(schema: Mapping[str, Any]) -> bool:
    """Return whether a schema's instances have to be objects or arrays that are not listed."""
    kinds = schema.get("type", ())
    return "const" not in schema and "enum" not in schema and not _LEAVES.intersection(kinds)


def _objects(root: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a schema that may be schemas, apart from its listed values."""
    waiting: list[Any] = [root]
    while waiting:
        value = waiting.pop()
        if is_object(value):
            yield value
            waiting.extend(inner for keyword, inner in reversed(value.items()) if keyword not in ("enum", "const"))
        elif is_array(value):
            waiting.extend(reversed(value))
