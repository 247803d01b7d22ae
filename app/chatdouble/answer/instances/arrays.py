"""Arrays: the prefix, then as many items as are asked for, all different where they must be."""

import math
from typing import TYPE_CHECKING, Any, Final

from chatdouble.answer.instances.merge import Keywords, item_schema, same, together

if TYPE_CHECKING:
    from chatdouble.answer.instances.growth import Growth, Spot

_USUAL: Final = 3
_TRIES: Final = 20


def made(growth: "Growth", keywords: Keywords, spot: "Spot") -> list[Any]:
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
