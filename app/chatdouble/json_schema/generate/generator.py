"""Instances of schemas: attempts within a budget, the last of which takes the shortest way out of everything."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate import containers
from chatdouble.json_schema.generate.choices import NOTHING, Settling
from chatdouble.json_schema.generate.flat_schema import FlatSchema
from chatdouble.json_schema.generate.intersection import Keywords, allowed_values
from chatdouble.json_schema.generate.listed_values import listed_value
from chatdouble.json_schema.generate.numbers import integer, is_within, number
from chatdouble.json_schema.generate.read_schema import ReadSchema, read_schema
from chatdouble.json_schema.generate.strings import string
from chatdouble.json_schema.steps import OutOfStepsError, Steps

_MAX_VALUES: Final = 6_000
# Values beyond the budget that may still be made, to close what has been opened.
_OVERDRAFT: Final = 3_000
_ATTEMPTS: Final = 10
_TRIES: Final = 8
_MAX_RETRIES: Final = 64
_COSTLY: Final = 20_000
"""The steps of attempts at one value after which there are no others."""
_COMPARED: Final = 400
"""The references that are compared in a step."""
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

    @property
    def is_recursive(self) -> bool:
        """True if a recursion came round more often than is free."""
        return any(self.trail.count(reference) > _FREE_ROUNDS for reference in self.trail[-2:])


@dataclass(slots=True)
class InstanceGenerator:
    """One attempt at an instance.

    Attributes:
        schema: The schema. It validates what cannot be made valid by construction, and finds the shortest ways out of
            recursions.
        steps: The budget of work.
        budget: The number of values to make before the shortest ways out are taken.
        sparse: Whether to leave out everything optional.
        failures: The branches that were chosen without success, by identity, with how often.
        failed: The texts, numbers and listed values that were made although none is valid.
        retries: How often other branches may still be chosen after a failure.
    """

    schema: ReadSchema
    steps: Steps
    budget: int = _MAX_VALUES
    sparse: bool = False
    failures: dict[int, int] = field(default_factory=dict[int, int])
    failed: int = 0
    retries: int = _MAX_RETRIES

    def value(self, schema: Any, position: Position) -> Any:
        """Return a value for a part of the schema.

        Raises:
            OutOfStepsError: It takes too many steps, or far more values than the budget has.
        """
        self.budget -= 1
        if self.budget < -_OVERDRAFT:
            raise OutOfStepsError
        value: Any = None
        left = self.steps.left
        # Other attempts draw other values; a check such as `not` may allow one of them.
        for attempt in range(_TRIES):
            self.steps.spend(10)
            here = position.at("try", attempt) if attempt else position
            flat = self.schema.flat(schema, self.steps)
            # Every other attempt mends the one before, since what fails may be few of many choices.
            settling = Settling(self, flat, here, value if attempt % 2 else NOTHING) if flat.choices else None
            if settling:
                flat = settling.settled()
            inside = self._enter(flat, here) if flat.references else here
            if inside is None:
                return None
            failed = self.failed
            value = self._make(flat, inside, attempt)
            is_right = all(self.is_valid(value, check) for check in flat.checks)
            if is_right and (self.failed == failed or settling is None or not self._may_retry()):
                break
            if self.is_spent or (attempt and left - self.steps.left > _COSTLY):
                break
            self.failed = failed
            self._blame(settling)
        return value

    def _may_retry(self) -> bool:
        """Return whether other branches may be tried after a failure; this many times in one attempt."""
        self.retries -= 1
        return self.retries >= 0

    def _blame(self, settling: Settling | None) -> None:
        """Remember that branches were chosen without success. Others are tried first from here on."""
        for branch in settling.branches if settling else ():
            if self.schema.depths.has(branch):  # others do not live as long as the schema, and their ids come again
                self.failures[id(branch)] = self.failures.get(id(branch), 0) + 1

    def failures_of(self, branch: Any) -> int:
        """Return how often a branch of a choice was chosen without success."""
        return self.failures.get(id(branch), 0)

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
        self.steps.spend(len(trail) * len(flat.references) // _COMPARED)
        rounds = max((trail.count(reference) for reference in flat.references), default=0)
        if rounds > _MAX_ROUNDS:
            return None
        return position._replace(trail=trail, tight=position.tight or rounds > _FREE_ROUNDS)

    def _make(self, flat: FlatSchema, position: Position, attempt: int) -> Any:
        keywords = flat.keywords
        if "enum" in keywords or "const" in keywords:
            if allowed_values(keywords):
                return listed_value(self, flat, position)
            self.failed += 1
        kinds = keywords.get("type", ())
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


def _number(
    make: Callable[[Keywords, str, random.Random], float],
    generator: InstanceGenerator,
    keywords: Keywords,
    position: Position,
) -> float:
    made = make(keywords, position.name, position.chance.random())
    if not is_within(made, keywords):
        generator.failed += 1
    return made


_MAKERS: Final[Mapping[str, Callable[[InstanceGenerator, Keywords, Position], Any]]] = {
    "string": string,
    "integer": partial(_number, integer),
    "number": partial(_number, number),
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
    the shortest way out of everything, and by empty values. If no value is valid, the nearest attempt is returned, or
    null if there is none.

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
        steps.gave_up = True
        return None


def _best(schema: ReadSchema, chance: Chance, steps: Steps) -> Any:
    """Return the first valid value, or else the first attempt."""
    first: Any = None
    budget = _MAX_VALUES
    failures: dict[int, int] = {}
    for attempt in range(_ATTEMPTS):
        # Every other attempt leaves out what is optional, in case that is what contradicts.
        generator = InstanceGenerator(schema, steps, budget, sparse=attempt % 2 == 1, failures=failures)
        value, complete = _attempt(generator, Position(chance.at("attempt", attempt) if attempt else chance))
        if complete and (schema.is_simple or generator.is_valid(value, schema.root)):
            return value
        first = first if attempt else value
        budget = generator.budget
        if not complete or generator.is_spent:
            return _smallest(schema, chance, steps, first)
    steps.is_nearest = True
    return first


_EMPTY: Final[tuple[Any, ...]] = ({}, [], "", 0, False, None)


def _smallest(schema: ReadSchema, chance: Chance, steps: Steps, otherwise: Any) -> Any:
    """Return a value that takes the shortest way out everywhere, or an attempt if it is not valid."""
    generator = InstanceGenerator(schema, steps, budget=_OVERDRAFT, sparse=True)
    value, complete = _attempt(generator, Position(chance, tight=True))
    if complete and generator.is_valid(value, schema.root):
        return value
    # Thousands of conditions may all be about what a value need not have.
    for empty in _EMPTY:
        if generator.is_valid(empty, schema.root):
            return empty
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
