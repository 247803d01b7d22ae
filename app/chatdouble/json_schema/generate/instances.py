"""Instances of schemas: attempts within a budget, the last of which takes the shortest way out of everything."""

from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.json_schema.generate.generator import MAX_VALUES, OVERDRAFT, InstanceGenerator, Position
from chatdouble.json_schema.generate.read_schema import ReadSchema, read_schema
from chatdouble.json_schema.steps import OutOfStepsError, Steps, cost

_ATTEMPTS: Final = 10


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
    budget = MAX_VALUES
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
    generator = InstanceGenerator(schema, steps, budget=OVERDRAFT, sparse=True)
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
