"""Generated objects and arrays."""

import json
import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from chatdouble.core.json import objects_in
from chatdouble.json_schema.equality import canonical
from chatdouble.json_schema.generate.formats import fake
from chatdouble.json_schema.generate.intersection import (
    Keywords,
    all_of,
    allowed_values,
    item_schema,
    property_schema,
)
from chatdouble.json_schema.generate.regex import matching_text

if TYPE_CHECKING:
    from chatdouble.json_schema.generate.generator import InstanceGenerator, Position


_LONGEST_NAME = 64


def make_object(generator: "InstanceGenerator", keywords: Keywords, position: "Position") -> dict[str, Any]:
    """Return an object: the declared properties in the schema's order, then others if there must be more.

    Optional properties are included unless `maxProperties` or the way out of a recursion forbids it.

    Args:
        generator: The generator of the properties' values.
        keywords: The schema's `properties`, `required`, `additionalProperties`, `minProperties` and so on.
        position: The position of the object.
    """
    made: dict[str, Any] = {}
    for name, schema in _declared(generator, keywords, position).items():
        made[name] = generator.value(schema, position.at("property", name, name=name))
    if not keywords.keys().isdisjoint(_OPENING):
        _add_others(generator, keywords, position, made)
    return made


_OPENING: Final = frozenset({"additionalProperties", "patternProperties", "minProperties"})
"""Keywords that ask for properties that are not declared."""


def _add_others(generator: "InstanceGenerator", keywords: Keywords, position: "Position", made: dict[str, Any]) -> None:
    """Add properties to an object until it has as many as it should have."""
    wanted = _size(generator, keywords, position, len(made))
    if len(made) >= wanted:
        return
    for name in _extra_names(generator, keywords, position, wanted):
        if len(made) >= wanted or generator.is_spent:
            break
        schema = property_schema(keywords, name, generator.steps)
        if name not in made and schema is not False:
            made[name] = generator.value(schema, position.at("property", name, name=name))


def _declared(generator: "InstanceGenerator", keywords: Keywords, position: "Position") -> dict[str, Any]:
    """Return the schemas of the declared and required properties to include, in order."""
    declared: dict[str, Any] = keywords.get("properties", {})
    required = dict.fromkeys(keywords.get("required", ()))
    room = 0 if generator.is_sparse(position) else keywords.get("maxProperties", math.inf) - len(required)
    found: dict[str, Any] = {}
    for name, own in declared.items():
        if name not in required and room <= 0:
            continue
        schema = property_schema(keywords, name, generator.steps) if "patternProperties" in keywords else own
        if name not in required:
            if not (generator.schema.is_simple or math.isfinite(generator.depth(schema))):
                continue
            if "propertyNames" in keywords and not generator.is_valid(name, keywords["propertyNames"]):
                continue
            room -= 1
        found[name] = schema
    return found | {name: property_schema(keywords, name, generator.steps) for name in required if name not in declared}


def _size(generator: "InstanceGenerator", keywords: Keywords, position: "Position", there: int) -> int:
    """Return the number of properties that the object should have."""
    open_ended = isinstance(keywords.get("additionalProperties"), dict) or "patternProperties" in keywords
    natural = 2 if open_ended and not there and not generator.is_sparse(position) else 0
    most = keywords.get("maxProperties", math.inf)
    return int(max(min(max(natural, there), most), keywords.get("minProperties", 0)))


def _extra_names(
    generator: "InstanceGenerator", keywords: Keywords, position: "Position", wanted: int
) -> Iterator[str]:
    """Yield a limited number of names for further properties: optional ones, and new ones."""
    schemas = {name: property_schema(keywords, name, generator.steps) for name in keywords.get("properties", {})}
    declared = {name: generator.depth(schema) for name, schema in schemas.items()}
    if wanted:
        yield from (name for name, depth in declared.items() if not depth)
        yield from _listed_names(generator, keywords)
    for attempt in range(4 * wanted + 20 if wanted else 0):
        generator.steps.spend(4)
        name = _name(generator, keywords, position.at("name", attempt, name="key"), attempt)
        if name is None:
            name = fake("word", position.chance.at("name", attempt).random())
            name = name if attempt < wanted else f"{name}_{attempt}"
        yield name
    yield from (name for name, depth in declared.items() if 0 < depth < math.inf)


def _listed_names(generator: "InstanceGenerator", keywords: Keywords) -> list[str]:
    """Return the names that `propertyNames` lists."""
    if "propertyNames" not in keywords:
        return []
    listed = allowed_values(generator.schema.flat(keywords["propertyNames"], generator.steps).keywords)
    return [name for name in listed or () if isinstance(name, str)]


def _name(generator: "InstanceGenerator", keywords: Keywords, position: "Position", turn: int) -> str | None:
    names = keywords.get("propertyNames")
    patterns = list(keywords.get("patternProperties", {}))
    if names is not None and patterns and keywords.get("additionalProperties") is False:
        names = all_of([names, {"pattern": patterns[turn % len(patterns)]}])
    if names is not None:
        # Every other name is longer than the one before, in case a short pattern allows no others.
        found = generator.value(
            all_of([{"type": ["string"], "minLength": turn // 2 if turn % 2 else 0}, names]), position
        )
        return found if isinstance(found, str) else None
    if patterns:
        pattern, length = patterns[turn % len(patterns)], min(turn, _LONGEST_NAME)
        return matching_text(pattern, position.chance, length, _LONGEST_NAME, generator.steps)
    return None


_USUAL_ITEMS: Final = 3
_TRIES: Final = 20
_EXCLUDED: Final = 5
"""The earlier items that are ruled out in a step."""


def make_array(generator: "InstanceGenerator", keywords: Keywords, position: "Position") -> list[Any]:
    """Return an array, of one to three items unless the keywords require another number.

    Args:
        generator: The generator of the items.
        keywords: The schema's `items`, `prefixItems`, `contains`, `minItems`, `uniqueItems` and so on.
        position: The position of the array.
    """
    needed = _contained(keywords)
    count = _count(generator, keywords, position, len(needed))
    made: list[Any] = []
    seen: set[str] = set()
    for index in range(count):
        schema = item_schema(keywords, index)
        # The last items satisfy `contains`.
        if index >= count - len(needed):
            schema = all_of([schema, needed[index - count]])
        elif "contains" in keywords and "maxContains" in keywords:
            schema = all_of([schema, {"not": keywords["contains"]}])
        value = _item(generator, schema, position.at("item", index), seen if keywords.get("uniqueItems") else None)
        if generator.is_spent:
            break
        if not (keywords.get("uniqueItems") and canonical(value) in seen):
            made.append(value)
            seen.add(canonical(value))
    return made


def _contained(keywords: Keywords) -> list[Any]:
    """Return the schemas of items that `contains` asks for, that of merged schemas included."""
    asking = [one for one in (keywords, *objects_in(keywords.get("allOf"))) if "contains" in one]
    return [one["contains"] for one in asking for _ in range(min(one.get("minContains", 1), MOST_ITEMS))]


MOST_ITEMS: Final = 10_000
"""More items than an instance may have values."""


def _item(generator: "InstanceGenerator", schema: Any, position: "Position", seen: set[str] | None) -> Any:
    value = generator.value(schema, position)
    for attempt in range(_TRIES):
        if seen is None or canonical(value) not in seen or generator.is_spent:
            break
        if attempt == _TRIES // 4:
            generator.steps.spend(len(seen) // _EXCLUDED)
            schema = all_of([schema, {"not": {"enum": [*map(json.loads, seen)]}}])
        value = generator.value(schema, position.at("other", attempt))
    return value


def _count(generator: "InstanceGenerator", keywords: Keywords, position: "Position", containing: int) -> int:
    prefix = keywords.get("prefixItems", [])
    rest = keywords.get("items", True)
    low = max(keywords.get("minItems", 0), containing)
    high = keywords.get("maxItems", math.inf)
    # Items that cannot exist limit the array to its prefix.
    if rest is False or math.isinf(generator.depth(rest)):
        high = min(high, len(prefix))
    if generator.is_sparse(position):
        return int(low)
    natural = max(low, len(prefix) + (0 if prefix else position.chance.at("count").random().randint(1, _USUAL_ITEMS)))
    return int(max(low, min(natural, high)))
