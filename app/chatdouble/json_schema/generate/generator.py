"""Grows a value from a schema: settles what is open, then makes what the keywords say."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from chatdouble.core.chance import Chance
from chatdouble.core.json import is_object
from chatdouble.json_schema.generate import containers
from chatdouble.json_schema.generate.branches import Depths, Flat, flatten, join
from chatdouble.json_schema.generate.merge import Keywords, kinds_of, listed
from chatdouble.json_schema.generate.numbers import integer, number
from chatdouble.json_schema.generate.strings import string
from chatdouble.json_schema.validator import Judge

VALUES: Final = 10_000
_GRACE: Final = 5_000
_SETTLINGS: Final = 64
_TRIES: Final = 8
_ROUNDS: Final = 2
_LAST_ROUND: Final = 5

_IMPLIED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("properties", "required", "additionalProperties", "patternProperties"), "object"),
    **dict.fromkeys(("minProperties", "maxProperties", "propertyNames"), "object"),
    **dict.fromkeys(("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"), "array"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "number"),
    **dict.fromkeys(("pattern", "format", "minLength", "maxLength"), "string"),
}
_NUMERIC: Final = frozenset({"number", "integer"})
_ANY: Final = ("string", "integer", "boolean", "number", "array", "object", "null")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where in the value something grows.

    Attributes:
        chance: The chance of this place.
        name: The name of the property it is, or is an item of.
        trail: The references that were followed to get here.
        tight: Whether to take the shortest way out.
    """

    chance: Chance
    name: str = ""
    trail: tuple[str, ...] = ()
    tight: bool = False

    def at(self, *labels: object, name: str | None = None) -> "Spot":
        """Return a spot further in."""
        return replace(self, chance=self.chance.at(*labels), name=self.name if name is None else name)


class Growth:
    """One attempt at one value.

    Args:
        root: The cleaned schema.
        judge: Says what is valid where construction cannot.
        depths: Knows the shortest ways out.
        left: How many values may be grown before the shortest ways out are taken.
        spare: Whether to leave out all that may be left out.
    """

    def __init__(self, root: Any, judge: Judge, depths: Depths, *, left: int = VALUES, spare: bool = False) -> None:
        self.judge = judge
        self.depths = depths
        self._root = root
        self._spare = spare
        self._left = left

    def value(self, schema: Any, spot: Spot) -> Any:
        """Return a value for a part of the schema; null where the bounds of the work are reached."""
        self._left -= 1
        value: Any = None
        for attempt in range(_TRIES):
            flat = self._settled(schema, spot.at("try", attempt) if attempt else spot)
            here = self._deeper(flat, spot.at("try", attempt) if attempt else spot)
            if here is None:
                return None
            value = self._made(flat.keywords, here, attempt)
            judged = all(self.judge.allows(value, one) for one in flat.judged)
            if judged or self._left < 0:
                break
        return value

    @property
    def left(self) -> int:
        """How many values may still be grown."""
        return self._left

    @property
    def spent(self) -> bool:
        """Whether the bound of the work is reached."""
        return self._left < 0

    def frugal(self, spot: Spot) -> bool:
        """Say whether a spot leaves out what may be left out."""
        return self._spare or spot.tight or self.spent

    def _deeper(self, flat: Flat, spot: Spot) -> Spot | None:
        """Return the spot with the references that were followed, or None where they lead nowhere."""
        trail = spot.trail + tuple(sorted(flat.references))
        rounds = max((trail.count(one) for one in flat.references), default=0)
        if rounds > _LAST_ROUND or self._left < -_GRACE:
            return None
        return replace(spot, trail=trail, tight=spot.tight or rounds > _ROUNDS)

    def _settled(self, schema: Any, spot: Spot) -> Flat:
        """Return a schema with one way chosen wherever there are several."""
        flat = flatten(schema, self._root)
        ways = self._ways(flat, spot)
        first = next(ways)
        for tried, way in enumerate(ways):
            if not first.impossible or tried > _SETTLINGS:
                break
            first = way if not way.impossible else first
        return first

    def _ways(self, flat: Flat, spot: Spot) -> Iterator[Flat]:
        if not flat.choices:
            yield flat
            return
        here, *rest = flat.choices
        for branch in self._ordered(here, spot.at("choice", len(rest))):
            chosen = flatten(branch, self._root, flat.references)
            yield from self._ways(join(replace(flat, choices=tuple(rest)), chosen), spot)

    def _ordered(self, branches: tuple[Any, ...], spot: Spot) -> list[Any]:
        """Return the branches as they are to be tried: those that end, those that say more than null."""
        order = list(branches)
        spot.chance.random().shuffle(order)
        frugal = spot.tight or self.spent or self._again(spot)
        costs = {id(branch): self.depths.of(branch) for branch in order}
        numeric = any(is_object(branch) and not _NUMERIC.isdisjoint(branch.get("type", ())) for branch in order)
        order.sort(key=lambda branch: numeric and _is_bare_string(branch))
        order.sort(key=lambda branch: _is_null(branch) and not frugal)
        order.sort(key=lambda branch: costs[id(branch)] if frugal else math.isinf(costs[id(branch)]))
        return order

    def _again(self, spot: Spot) -> bool:
        return any(spot.trail.count(one) > _ROUNDS for one in spot.trail[-2:])

    def _made(self, keywords: Keywords, spot: Spot, attempt: int) -> Any:
        values = listed(keywords)
        if values:
            bounds = {name: one for name, one in keywords.items() if name not in ("enum", "const")}
            allowed = [value for value in values if self.judge.allows(value, bounds)] if bounds else values
            told = [value for value in allowed if value is not None] or allowed or values
            return spot.chance.random().choice(told)
        kind = self._kind(keywords, spot, attempt)
        return _MAKERS[kind](self, keywords, spot)

    def _kind(self, keywords: Keywords, spot: Spot, attempt: int) -> str:
        kinds = kinds_of(keywords)
        if "type" in keywords:
            told = [kind for kind in kinds if kind != "null"] or ["null"]
            flat = [kind for kind in kinds if kind not in ("object", "array")]
            return spot.chance.at("kind").random().choice(flat if flat and self.frugal(spot) else told)
        implied = next((_IMPLIED[name] for name in keywords if name in _IMPLIED), _ANY[0])
        return implied if attempt == 0 else _ANY[attempt % len(_ANY)]


def _is_null(schema: Any) -> bool:
    return is_object(schema) and (schema.get("type") == ["null"] or schema.get("const", ...) is None)


def _is_bare_string(schema: Any) -> bool:
    """Say whether a schema allows any string; beside a number that is how pydantic words a Decimal."""
    return is_object(schema) and schema.get("type") == ["string"] and schema.keys() <= {"type", "title", "description"}


def _string(growth: Growth, keywords: Keywords, spot: Spot) -> str:
    return string(keywords, spot.name, spot.chance, lambda text: growth.judge.allows(text, keywords))


_MAKERS: Final[Mapping[str, Callable[[Growth, Keywords, Spot], Any]]] = {
    "string": _string,
    "integer": lambda _growth, keywords, spot: integer(keywords, spot.name, spot.chance.random()),
    "number": lambda _growth, keywords, spot: number(keywords, spot.name, spot.chance.random()),
    "boolean": lambda _growth, _keywords, spot: spot.chance.random().random() < 0.5,  # noqa: PLR2004 - a coin
    "null": lambda _growth, _keywords, _spot: None,
    "object": containers.make_object,
    "array": containers.make_array,
}
