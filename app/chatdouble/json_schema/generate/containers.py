"""Objects: declared properties in the schema's order, then whatever else must be there."""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from chatdouble.json_schema.generate.formats import fake
from chatdouble.json_schema.generate.merge import Keywords, item_schema, property_schema, same, together
from chatdouble.json_schema.generate.regex import fitting

if TYPE_CHECKING:
    from chatdouble.json_schema.generate.generator import Growth, Spot


_LONGEST_NAME = 64


def make_object(growth: "Growth", keywords: Keywords, spot: "Spot") -> dict[str, Any]:
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


_USUAL: Final = 3
_TRIES: Final = 20


def make_array(growth: "Growth", keywords: Keywords, spot: "Spot") -> list[Any]:
    """Return an array that the keywords allow; one to three items where nothing says how many.

    Args:
        growth: Grows the items.
        keywords: What the schema says: items, prefixItems, contains, minItems, uniqueItems, ...
        spot: Where the array grows.
    """
    count = _count(growth, keywords, spot)
    marked = min(keywords.get("minContains", 1), count) if "contains" in keywords else 0
    grown: list[Any] = []
    seen: set[str] = set()
    for index in range(count):
        schema = item_schema(keywords, index)
        if index >= count - marked:
            schema = together([schema, keywords["contains"]])
        elif "contains" in keywords and "maxContains" in keywords:
            schema = together([schema, {"not": keywords["contains"]}])
        value = _item(growth, schema, spot.at("item", index), seen if keywords.get("uniqueItems") else None)
        if growth.spent:
            break
        if not (keywords.get("uniqueItems") and same(value) in seen):
            grown.append(value)
            seen.add(same(value))
    return grown


def _item(growth: "Growth", schema: Any, spot: "Spot", seen: set[str] | None) -> Any:
    value = growth.value(schema, spot)
    for attempt in range(_TRIES):
        if seen is None or same(value) not in seen or growth.spent:
            break
        value = growth.value(schema, spot.at("other", attempt))
    return value


def _count(growth: "Growth", keywords: Keywords, spot: "Spot") -> int:
    prefix = keywords.get("prefixItems", [])
    rest = keywords.get("items", True)
    marked = keywords.get("minContains", 1) if "contains" in keywords else 0
    low = max(keywords.get("minItems", 0), marked)
    high = keywords.get("maxItems", math.inf)
    if rest is False or math.isinf(growth.depths.of(rest)):
        high = min(high, len(prefix))
    if growth.frugal(spot):
        return int(low)
    natural = max(low, len(prefix) + (0 if prefix else spot.chance.at("count").random().randint(1, _USUAL)))
    return int(max(low, min(natural, high)))
