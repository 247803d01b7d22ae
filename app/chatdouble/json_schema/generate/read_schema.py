"""Schemas as they are read, once for all requests that send the same one."""

from functools import lru_cache
from typing import Any, Final

import orjson

from chatdouble.core.json import as_object, is_array, is_object, values_in
from chatdouble.json_schema.generate.depths import MinimumDepths
from chatdouble.json_schema.generate.flat_schema import FlatSchema, flatten
from chatdouble.json_schema.generate.normalise import normalise
from chatdouble.json_schema.steps import Steps, cost
from chatdouble.json_schema.validator import Validator

_LARGEST: Final = 64 * 1024
"""The largest schema that is remembered, in bytes of JSON."""
_REMEMBERED: Final = 128


_LETTERS: Final = 500
"""The characters of texts, such as descriptions, that are read in a step."""
_OF_EXPRESSIONS: Final = 8
"""The characters of expressions that are translated and compiled in a step."""


def _letters_of_expressions(schema: object) -> int:
    """Return the characters of all regular expressions of a schema."""
    letters, waiting = 0, [schema]
    while waiting:
        one = waiting.pop()
        if is_object(one):
            letters += len(one["pattern"]) if isinstance(one.get("pattern"), str) else 0
            letters += sum(map(len, as_object(one.get("patternProperties"))))
        waiting.extend(held for held in values_in(one) if is_object(held) or is_array(held))
    return letters


class ReadSchema:
    """A normalised schema, with what was found out about it.

    Args:
        schema: Any JSON value.
        steps: The budget.

    Attributes:
        root: The normalised schema.
        depths: The least depths of its parts.
        validator: Validates values under it and its parts.
        exact: Validates them, formats included.
        is_simple: Whether every value that is made for it is valid.
        price: The steps that reading it took.

    Raises:
        OutOfStepsError: The budget is used up.
    """

    def __init__(self, schema: object, steps: Steps) -> None:
        left = steps.left
        steps.spend(cost(schema, _LETTERS) + _letters_of_expressions(schema) // _OF_EXPRESSIONS)
        self.root: Final = normalise(schema)
        self.depths: Final = MinimumDepths(self.root, steps)
        self.validator: Final = Validator(self.root)
        self.exact: Final = Validator(self.root, formats=True)
        self.is_simple: Final = _is_simple(self.root)
        self.price: Final = left - steps.left
        self._flat: Final[dict[int, tuple[FlatSchema, int]]] = {}

    def flat(self, part: Any, steps: Steps) -> FlatSchema:
        """Return a part of the schema, or one made of its parts, without references and combinators.

        A part that was asked for before costs the same steps again, so that a request's budget does not depend on
        others.

        Raises:
            OutOfStepsError: The budget is used up.
        """
        known = self._flat.get(id(part))
        if known is not None and steps.pay(known[1]):
            return known[0]
        left = steps.left
        flat = flatten(part, self.root, steps)
        if self.depths.has(part):  # others do not live as long as the schema, and their ids come again
            self._flat[id(part)] = flat, left - steps.left
        return flat


_SIMPLE: Final = frozenset({"type", "properties", "required", "additionalProperties", "items", "title", "description"})
"""Keywords that hold for every value that is made for them."""


def _is_simple(schema: Any) -> bool:
    """Return whether a normalised schema has nothing but simple keywords, and something is valid under each part."""
    if not is_object(schema):
        return schema is True
    declared, more = schema.get("properties", {}), schema.get("additionalProperties", True)
    if more is not True and not (more is False and declared.keys() >= set(schema.get("required", ()))):
        return False
    inner = [*declared.values(), schema.get("items", True)]
    return schema.keys() <= _SIMPLE and schema.get("type") != [] and all(map(_is_simple, inner))


class _Remembered:
    """The place of a schema that may come again."""

    __slots__ = ("read",)

    def __init__(self) -> None:
        self.read: ReadSchema | None = None


def read_schema(schema: object, steps: Steps) -> ReadSchema:
    """Return a schema that is read. One that comes again costs the same steps, and no time.

    Args:
        schema: Any JSON value.
        steps: The budget.

    Raises:
        OutOfStepsError: The budget is used up.
        RecursionError: It is nested too deeply to be read.
    """
    try:
        written = orjson.dumps(schema)
    except TypeError:  # not JSON as orjson writes it
        return ReadSchema(schema, steps)
    if len(written) > _LARGEST:
        return ReadSchema(schema, steps)
    remembered = _remembered(written)
    read = remembered.read
    if read is not None and steps.pay(read.price):
        return read
    # Of its own values, since those of a request live as long as its answer.
    remembered.read = read = ReadSchema(orjson.loads(written), steps)
    return read


@lru_cache(maxsize=_REMEMBERED)
def _remembered(_written: bytes) -> _Remembered:
    return _Remembered()


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
