"""A schema taken apart: what holds in any case, what is left to choose, what must be judged."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chatdouble.core.json import is_array, is_object
from chatdouble.json_schema.generate.merge import Keywords, combine, contradictory
from chatdouble.json_schema.pointer import MISSING, find

_STRUCTURE: Final = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired"}
    | {"$defs", "definitions", "$comment", "unevaluatedProperties", "unevaluatedItems"}
)
_JUDGED: Final = ("oneOf", "not")


@dataclass(frozen=True, slots=True)
class Flat:
    """A schema taken apart.

    Attributes:
        keywords: What holds in any case: no references, no combinators.
        choices: Lists of schemas, one of each of which must hold as well.
        judged: Schemas that only a finished value can be held against.
        references: The references that were followed.
    """

    keywords: Keywords = field(default_factory=Keywords)
    choices: tuple[tuple[Any, ...], ...] = ()
    judged: tuple[Any, ...] = ()
    references: frozenset[str] = frozenset()

    @property
    def impossible(self) -> bool:
        """Whether nothing can be valid."""
        return contradictory(self.keywords)


def join(one: Flat, other: Flat) -> Flat:
    """Return what both say together."""
    return Flat(
        combine(one.keywords, other.keywords),
        one.choices + other.choices,
        one.judged + other.judged,
        one.references | other.references,
    )


def flatten(schema: Any, root: Any, followed: frozenset[str] = frozenset()) -> Flat:
    """Take a cleaned schema apart; references are followed, `allOf` is merged.

    Args:
        schema: The schema.
        root: The whole schema, which references are resolved in.
        followed: References on the way here: one that comes round again says nothing new.
    """
    if schema is True:
        return Flat()
    if schema is False:
        return Flat({"type": []})
    keywords = {name: value for name, value in schema.items() if name not in _STRUCTURE}
    own = Flat(keywords, tuple(_choices(schema)), tuple(_judged(schema)))
    inherited = Flat()
    reference = schema.get("$ref")
    if reference is not None and reference not in followed:
        target = find(root, reference)
        if target is not MISSING:
            found = flatten(target, root, followed | {reference})
            inherited = join(Flat(references=frozenset({reference})), found)
    for part in schema.get("allOf", ()):
        inherited = join(inherited, flatten(part, root, followed))
    return join(inherited, own) if _inherits_first(schema) else join(own, inherited)


def _inherits_first(schema: Keywords) -> bool:
    """Say whether a reference or allOf is written before the schema's own properties."""
    order = list(schema)
    places = [order.index(name) for name in ("$ref", "allOf") if name in schema]
    return bool(places) and "properties" in schema and min(places) < order.index("properties")


def _choices(schema: Keywords) -> list[tuple[Any, ...]]:
    found = [tuple(schema[name]) for name in ("anyOf", "oneOf") if name in schema]
    if "if" in schema:
        held = {"allOf": [schema["if"], schema.get("then", True)]}
        found.append((held, {"not": schema["if"], "allOf": [schema.get("else", True)]}))
    for name, dependent in schema.get("dependentSchemas", {}).items():
        found.append(({"required": [name], "allOf": [dependent]}, {"properties": {name: False}}))
    for name, others in schema.get("dependentRequired", {}).items():
        found.append(({"required": [name, *others]}, {"properties": {name: False}}))
    return found


def _judged(schema: Keywords) -> list[Any]:
    found: list[Any] = [{name: schema[name]} for name in _JUDGED if name in schema]
    if "maxContains" in schema and "contains" in schema:
        found.append({name: schema[name] for name in ("contains", "maxContains")} | {"minContains": 0})
    return found


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
    if is_array(node):
        return [found for item in node for found in _references(item)]
    if not is_object(node):
        return []
    found = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    inner = (value for name, value in node.items() if name not in ("$defs", "definitions", "enum", "const"))
    return found + [reference for value in inner for reference in _references(value)]
