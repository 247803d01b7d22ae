"""Instances of schemas: attempts within a budget, each of which settles open choices and makes a value for the rest."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from chatdouble.core.chance import Chance
from chatdouble.core.json import is_object
from chatdouble.json_schema.generate import containers
from chatdouble.json_schema.generate.flat_schema import FlatSchema, flatten
from chatdouble.json_schema.generate.intersection import Keywords, allowed_values
from chatdouble.json_schema.generate.numbers import integer, number
from chatdouble.json_schema.generate.read_schema import ReadSchema, read_schema
from chatdouble.json_schema.generate.strings import string
from chatdouble.json_schema.steps import OutOfStepsError, Steps, cost

MAX_VALUES: Final = 6_000
# Values beyond the budget that may still be made, to close what has been opened.
OVERDRAFT: Final = 3_000
_MAX_SETTLINGS: Final = 64
_TRIES: Final = 8
_MOST_CHOICES: Final = 900
_ATTEMPTS: Final = 10
# Rounds of a recursion after which its shortest way out is taken.
_FREE_ROUNDS: Final = 2
_MAX_ROUNDS: Final = 5

_IMPLIED_KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("properties", "required", "additionalProperties", "patternProperties"), "object"),
    **dict.fromkeys(("minProperties", "maxProperties", "propertyNames"), "object"),
    **dict.fromkeys(("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"), "array"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
    **dict.fromkeys(("pattern", "format", "minLength", "maxLength"), "string"),
}
_NUMERIC: Final = frozenset({"number", "integer"})
_KINDS: Final = ("string", "integer", "boolean", "number", "array", "object", "null")


class Position(NamedTuple):
    """A position in the instance.

    Attributes:
        chance: The source of randomness for this position.
        name: The name of the property at this position, or of the property whose array contains it.
        trail: The references that were followed on the way here.
        tight: Whether recursions must end as soon as possible.
    """

    chance: Chance
    name: str = ""
    trail: tuple[str, ...] = ()
    tight: bool = False

    def at(self, *labels: object, name: str | None = None) -> "Position":
        """Return a position further inside."""
        return self._replace(chance=self.chance.at(*labels), name=self.name if name is None else name)


@dataclass(slots=True)
class InstanceGenerator:
    """One attempt at an instance.

    Attributes:
        schema: The schema. It validates what cannot be made valid by construction, and finds the shortest ways out of
            recursions.
        steps: The budget of work.
        budget: The number of values to make before the shortest ways out are taken.
        sparse: Whether to leave out everything optional.
    """

    schema: ReadSchema
    steps: Steps
    budget: int = MAX_VALUES
    sparse: bool = False

    def value(self, schema: Any, position: Position) -> Any:
        """Return a value for a part of the schema.

        Raises:
            OutOfStepsError: It takes too many steps, or far more values than the budget has.
        """
        self.budget -= 1
        if self.budget < -OVERDRAFT:
            raise OutOfStepsError
        value: Any = None
        # Other attempts draw other values; a check such as `not` may allow one of them.
        for attempt in range(_TRIES):
            self.steps.spend(10 + len(position.trail) // 4)
            here = position.at("try", attempt) if attempt else position
            flat = self.schema.flat(schema, self.steps)
            if flat.choices:
                flat = self._settle(flat, here)
            inside = self._enter(flat, here) if flat.references else here
            if inside is None:
                return None
            value = self._make(flat.keywords, inside, attempt)
            if all(self.is_valid(value, check) for check in flat.checks) or self.is_spent:
                break
        return value

    def is_valid(self, value: Any, schema: Any) -> bool:
        """Return whether a value is valid under the schema or a part of it."""
        return self.schema.validator.is_valid(value, schema, self.steps)

    def depth(self, schema: Any) -> float:
        """Return the levels of objects and arrays in the shallowest instance of a part of the schema."""
        return self.schema.depths.of(schema, self.steps)

    @property
    def is_spent(self) -> bool:
        """True once the budget is used up."""
        return self.budget < 0

    def is_sparse(self, position: Position) -> bool:
        """Return whether everything optional is left out at a position."""
        return self.sparse or position.tight or self.budget < 0

    def _enter(self, flat: FlatSchema, position: Position) -> Position | None:
        """Return the position after following a schema's references, or None if a recursion has gone too far."""
        trail = position.trail + tuple(sorted(flat.references))
        rounds = max((trail.count(reference) for reference in flat.references), default=0)
        if rounds > _MAX_ROUNDS:
            return None
        return position._replace(trail=trail, tight=position.tight or rounds > _FREE_ROUNDS)

    def _settle(self, flat: FlatSchema, position: Position) -> FlatSchema:
        """Return a schema in which every choice is made, without a contradiction if one is found soon enough."""
        settlings = self._settlings(flat, position)
        best = next(settlings)
        for tried, settling in enumerate(settlings):
            if not best.is_impossible(self.steps) or tried > _MAX_SETTLINGS:
                break
            best = settling if not settling.is_impossible(self.steps) else best
        return best

    def _settlings(self, flat: FlatSchema, position: Position) -> Iterator[FlatSchema]:
        if not flat.choices:
            yield flat
            return
        if len(flat.choices) > _MOST_CHOICES:
            raise RecursionError  # this function calls itself for each of them, with a list of the others
        branches, *rest = flat.choices
        for branch in self._ordered(branches, position.at("choice", len(rest))):
            chosen = flatten(branch, self.schema.root, self.steps, flat.references)
            yield from self._settlings(replace(flat, choices=tuple(rest)).and_also(chosen, self.steps), position)

    def _ordered(self, branches: tuple[Any, ...], position: Position) -> list[Any]:
        """Return branches in the order to try them: endless recursions and null come last."""
        self.steps.spend(len(branches) // 4)
        order = list(branches)
        position.chance.random().shuffle(order)
        tight = position.tight or self.is_spent or _is_recursive(position)
        depths = {id(branch): self.depth(branch) for branch in order}
        numeric = any(is_object(branch) and not _NUMERIC.isdisjoint(branch.get("type", ())) for branch in order)
        # Sorting is stable, so the last key has the most weight.
        order.sort(key=lambda branch: numeric and _is_bare_string(branch))
        order.sort(key=lambda branch: _is_null(branch) and not tight)
        order.sort(key=lambda branch: depths[id(branch)] if tight else math.isinf(depths[id(branch)]))
        return order

    def _make(self, keywords: Keywords, position: Position, attempt: int) -> Any:
        kinds = keywords.get("type", ())
        if values := allowed_values(keywords) if "enum" in keywords or "const" in keywords else None:
            # Keywords beside an enum may rule out some of its values.
            bounds = {name: one for name, one in keywords.items() if name not in ("enum", "const")}
            valid = [value for value in values if self.is_valid(value, bounds)] if bounds else values
            preferred = [value for value in valid if value is not None] or valid or values
            return position.chance.random().choice(preferred)
        kind = kinds[0] if len(kinds) == 1 else self._kind(keywords, position, attempt)
        return _MAKERS[kind](self, keywords, position)

    def _kind(self, keywords: Keywords, position: Position, attempt: int) -> str:
        if "type" in keywords:
            kinds: list[str] = [kind for kind in keywords["type"] if kind != "null"] or ["null"]
            scalars: list[str] = [kind for kind in keywords["type"] if kind not in ("object", "array")]
            sparse = scalars and self.is_sparse(position)
            return position.chance.at("kind").random().choice(scalars if sparse else kinds)
        implied = next((_IMPLIED_KINDS[name] for name in keywords if name in _IMPLIED_KINDS), _KINDS[0])
        return implied if attempt == 0 else _KINDS[attempt % len(_KINDS)]


def _is_recursive(position: Position) -> bool:
    return any(position.trail.count(reference) > _FREE_ROUNDS for reference in position.trail[-2:])


def _is_null(schema: Any) -> bool:
    return is_object(schema) and (schema.get("type") == ["null"] or schema.get("const", ...) is None)


def _is_bare_string(schema: Any) -> bool:
    """Return whether a schema allows any string. Beside a number, that is pydantic's schema of a Decimal."""
    return is_object(schema) and schema.get("type") == ["string"] and schema.keys() <= {"type", "title", "description"}


_MAKERS: Final[Mapping[str, Callable[[InstanceGenerator, Keywords, Position], Any]]] = {
    "string": string,
    "integer": lambda _generator, keywords, position: integer(keywords, position.name, position.chance.random()),
    "number": lambda _generator, keywords, position: number(keywords, position.name, position.chance.random()),
    "boolean": lambda _generator, _keywords, position: position.chance.random().random() < 0.5,  # noqa: PLR2004 - a coin
    "null": lambda _generator, _keywords, _position: None,
    "object": containers.make_object,
    "array": containers.make_array,
}


def instance(schema: object, chance: Chance, steps: Steps | None = None) -> Any:
    """Return a JSON value that is valid under a schema: always the same one for the same schema and chance.

    All of JSON Schema 2020-12 is supported, as are the forms of draft 7 and OpenAPI's `nullable`. Objects have their
    properties in the schema's order, optional ones included (schemas#key-order), and strings suit the names of their
    properties.

    The work is limited to about 6,000 values, and in steps. An attempt that needs more is followed by one that takes
    the shortest way out of everything. If no value is valid, the nearest attempt is returned. If there is no attempt
    at all, or the schema is nested some hundreds of levels deep, null is returned.

    Args:
        schema: The schema, any JSON value. Malformed keywords are ignored.
        chance: The source of randomness.
        steps: The budget; by default one of its own. It tells whether a valid value was not found, and whether it was
            the reason.

    Raises:
        OutOfStepsError: The budget did not even allow an attempt.
    """
    steps = steps or Steps()
    try:
        return _best(read_schema(schema, steps), chance, steps)
    except (RecursionError, OverflowError):
        return None


def _best(schema: ReadSchema, chance: Chance, steps: Steps) -> Any:
    """Return the first valid value, or else the first attempt."""
    first: Any = None
    budget = MAX_VALUES
    for attempt in range(_ATTEMPTS):
        # Every other attempt leaves out what is optional, in case that is what contradicts.
        generator = InstanceGenerator(schema, steps, budget=budget, sparse=attempt % 2 == 1)
        value, complete = _attempt(generator, Position(chance.at("attempt", attempt) if attempt else chance))
        if complete and (schema.is_simple or generator.is_valid(value, schema.root)):
            return value
        first = first if attempt else value
        budget = generator.budget
        if not complete or generator.is_spent:
            return _smallest(schema, chance, steps, first)
    steps.is_nearest = True
    return first


def _smallest(schema: ReadSchema, chance: Chance, steps: Steps, otherwise: Any) -> Any:
    """Return a value that takes the shortest way out everywhere, or an attempt if it is not valid."""
    generator = InstanceGenerator(schema, steps, budget=OVERDRAFT, sparse=True)
    value, complete = _attempt(generator, Position(chance, tight=True))
    if complete and generator.is_valid(value, schema.root):
        return value
    steps.gave_up = True
    return otherwise if otherwise is not None else value


def _attempt(generator: InstanceGenerator, position: Position) -> tuple[Any, bool]:
    """Return a value and whether two thirds of the steps that are left were enough for it."""
    steps = generator.steps
    try:
        with steps.at_most(steps.left * 2 // 3):
            return generator.value(generator.schema.root, position), True
    except OutOfStepsError:
        if steps.spent:
            raise
        return None, False


def is_valid(value: Any, schema: object, steps: Steps | None = None) -> bool:
    """Return whether a JSON value is valid under a schema, formats included.

    Every value is valid under a schema that is too deep to be read.

    Args:
        value: The value.
        schema: The schema; it is interpreted as by `instance`.
        steps: The budget; by default one of its own.

    Raises:
        OutOfStepsError: The budget is used up.
    """
    steps = steps or Steps()
    try:
        steps.spend(cost(value))
        read = read_schema(schema, steps)
    except (RecursionError, OverflowError):
        return True
    return read.exact.is_valid(value, read.root, steps)
