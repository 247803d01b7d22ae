"""Schemas without references and combinators: the keywords that always hold, and the choices that are left."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any, Final

from chatdouble.core.json import is_object
from chatdouble.json_schema.generate.intersection import Keywords, intersect, is_contradictory
from chatdouble.json_schema.steps import Steps
from chatdouble.json_schema.tree import MISSING, resolve

_STRUCTURE: Final = frozenset(
    {"$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependentRequired"}
    | {"$defs", "definitions", "$comment", "unevaluatedProperties", "unevaluatedItems"}
)
_CHECKED: Final = ("oneOf", "not")


@dataclass(frozen=True, slots=True)
class FlatSchema:
    """A schema without references and combinators.

    Attributes:
        keywords: The keywords that always hold.
        choices: Lists of schemas; one of each list must hold as well.
        checks: Schemas that only a finished value can be validated against.
        references: The references that were followed.
    """

    keywords: Keywords = field(default_factory=Keywords)
    choices: tuple[tuple[Any, ...], ...] = ()
    checks: tuple[Any, ...] = ()
    references: frozenset[str] = frozenset()

    def is_impossible(self, steps: Steps) -> bool:
        """Return whether it is easy to find that no value is valid.

        Raises:
            OutOfStepsError: The budget is used up.
        """
        return is_contradictory(self.keywords, steps)

    def and_also(self, other: "FlatSchema", steps: Steps) -> "FlatSchema":
        """Return the schema that holds if both do. The properties of this one come first.

        Raises:
            OutOfStepsError: The budget is used up.
        """
        return FlatSchema(
            intersect(self.keywords, other.keywords, steps),
            self.choices + other.choices,
            self.checks + other.checks,
            self.references | other.references,
        )


def flatten(schema: Any, root: Any, steps: Steps, followed: frozenset[str] = frozenset()) -> FlatSchema:
    """Follow the references of a normalised schema, merge its `allOf`, and list its choices.

    Args:
        schema: The schema.
        root: The whole schema, in which references are resolved.
        steps: The budget.
        followed: The references on the way here. They are not followed again, since they add nothing.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    # With a list of what waits for its parts, since references may follow one another thousands of times.
    waiting = [_flatten(schema, root, steps, set(followed))]
    found: FlatSchema | None = None
    while waiting:
        try:
            part = waiting[-1].send(found)
        except StopIteration as ended:
            found = ended.value
            waiting.pop()
        else:
            waiting.append(part)
            found = None
    return found or FlatSchema()


_Flattening = Generator["_Flattening", FlatSchema | None, FlatSchema]
"""Yields the flattening of each part of a schema, is sent what comes of it, and returns the schema."""


def _flatten(schema: Any, root: Any, steps: Steps, followed: set[str]) -> _Flattening:
    if not is_object(schema):
        steps.spend(1)
        return FlatSchema({"type": []}) if schema is False else FlatSchema()
    steps.spend(1 + (len(schema.get("required", ())) + len(schema)) // 10)
    keywords = {name: value for name, value in schema.items() if name not in _STRUCTURE}
    own = FlatSchema(keywords, tuple(_choices(schema)), tuple(_checks(schema)))
    inherited = FlatSchema()
    reference = schema.get("$ref")
    if reference is not None and reference not in followed:
        target = resolve(root, reference)
        if target is not MISSING:
            # All of them hold together, so a reference that comes again, on any way, adds nothing.
            followed.add(reference)
            found = (yield _flatten(target, root, steps, followed)) or FlatSchema()
            inherited = FlatSchema(references=frozenset({reference})).and_also(found, steps)
    for part in schema.get("allOf", ()):
        inherited = inherited.and_also((yield _flatten(part, root, steps, followed)) or FlatSchema(), steps)
    return inherited.and_also(own, steps) if _inherits_first(schema) else own.and_also(inherited, steps)


def _inherits_first(schema: Keywords) -> bool:
    """Return whether `$ref` or `allOf` precedes the schema's own properties, which decides the properties' order."""
    order = list(schema)
    places = [order.index(name) for name in ("$ref", "allOf") if name in schema]
    return bool(places) and "properties" in schema and min(places) < order.index("properties")


def _choices(schema: Keywords) -> list[tuple[Any, ...]]:
    choices = [tuple(schema[name]) for name in ("anyOf", "oneOf") if name in schema]
    if "if" in schema:
        held = {"allOf": [schema["if"], schema.get("then", True)]}
        # Without `not`, an instance of `else` could satisfy `if` and then need `then`.
        choices.append((held, {"not": schema["if"], "allOf": [schema.get("else", True)]}))
    for name, dependent in schema.get("dependentSchemas", {}).items():
        choices.append(({"required": [name], "allOf": [dependent]}, {"properties": {name: False}}))
    for name, others in schema.get("dependentRequired", {}).items():
        choices.append(({"required": [name, *others]}, {"properties": {name: False}}))
    return choices


def _checks(schema: Keywords) -> list[Any]:
    checks: list[Any] = [{name: schema[name]} for name in _CHECKED if name in schema]
    # An item may match `contains` by accident, so the finished array is counted.
    if "maxContains" in schema and "contains" in schema:
        checks.append({name: schema[name] for name in ("contains", "maxContains")} | {"minContains": 0})
    return checks
