"""Objects: declared properties in the schema's order, then whatever else must be there."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chatdouble.answer.instances.faked import fake
from chatdouble.answer.instances.merge import Keywords, property_schema, together
from chatdouble.answer.instances.regex import fitting

if TYPE_CHECKING:
    from chatdouble.answer.instances.growth import Growth, Spot

_LONGEST_NAME = 64


def made(growth: "Growth", keywords: Keywords, spot: "Spot") -> dict[str, Any]:
    """Return an object that the keywords allow.

    Optional properties are there unless the way out of a recursion, or maxProperties, forbids it.

    Args:
        growth: Grows the properties' values.
        keywords: What the schema says: properties, required, additionalProperties, minProperties, ...
        spot: Where the object grows.
    """
    names = _declared(growth, keywords, spot)
    grown: dict[str, Any] = {}
    for name in names:
        grown[name] = growth.value(property_schema(keywords, name), spot.at("property", name, name=name))
    wanted = _wanted(growth, keywords, spot, len(names))
    for name in _further(growth, keywords, spot, wanted):
        if len(grown) >= wanted or growth.spent:
            break
        view = property_schema(keywords, name)
        if name not in grown and view is not False:
            grown[name] = growth.value(view, spot.at("property", name, name=name))
    return grown


def _declared(growth: "Growth", keywords: Keywords, spot: "Spot") -> list[str]:
    """Return the names of the properties to be there, in order."""
    declared: dict[str, Any] = keywords.get("properties", {})
    required = list(dict.fromkeys(keywords.get("required", ())))
    room = keywords.get("maxProperties", math.inf) - len(required)
    names: list[str] = []
    for name in declared:
        if name in required:
            names.append(name)
        elif room > 0 and _welcome(growth, keywords, spot, name):
            names.append(name)
            room -= 1
    return names + [name for name in required if name not in declared]


def _welcome(growth: "Growth", keywords: Keywords, spot: "Spot", name: str) -> bool:
    view = property_schema(keywords, name)
    if view is False or growth.frugal(spot) or math.isinf(growth.depths.of(view)):
        return False
    return "propertyNames" not in keywords or growth.judge.allows(name, keywords["propertyNames"])


def _wanted(growth: "Growth", keywords: Keywords, spot: "Spot", there: int) -> int:
    """Return how many properties the object is to have in all."""
    open_ended = isinstance(keywords.get("additionalProperties"), dict) or "patternProperties" in keywords
    natural = 2 if open_ended and not there and not growth.frugal(spot) else 0
    most = keywords.get("maxProperties", math.inf)
    return int(max(min(max(natural, there), most), keywords.get("minProperties", 0)))


def _further(growth: "Growth", keywords: Keywords, spot: "Spot", wanted: int) -> Iterator[str]:
    """Draw names for properties that nobody declared; bounded."""
    declared = {name: growth.depths.of(property_schema(keywords, name)) for name in keywords.get("properties", {})}
    if wanted:
        yield from (name for name, depth in declared.items() if not depth)
    for attempt in range(4 * wanted + 20 if wanted else 0):
        name = _name(growth, keywords, spot.at("name", attempt, name="key"), attempt)
        if name is None:
            name = fake("word", spot.chance.at("name", attempt).random())
            name = name if attempt < wanted else f"{name}_{attempt}"
        yield name
    yield from (name for name, depth in declared.items() if 0 < depth < math.inf)


def _name(growth: "Growth", keywords: Keywords, spot: "Spot", turn: int) -> str | None:
    names = keywords.get("propertyNames")
    if names is not None:
        found = growth.value(together([{"type": ["string"]}, names]), spot)
        return found if isinstance(found, str) else None
    patterns = list(keywords.get("patternProperties", {}))
    if patterns:
        return fitting(patterns[turn % len(patterns)], spot.chance, min(turn, _LONGEST_NAME), _LONGEST_NAME)
    return None
