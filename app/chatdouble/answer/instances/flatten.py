"""A schema taken apart: what holds in any case, what is left to choose, what must be judged."""

from dataclasses import dataclass, field
from typing import Any, Final

from chatdouble.answer.instances.merge import Keywords, combine, contradictory
from chatdouble.answer.instances.pointer import MISSING, find

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
