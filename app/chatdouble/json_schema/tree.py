"""A JSON Schema as a tree: its subschemas, each with its path, and the targets of references."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import quote, unquote

from chatdouble.core.json import is_array, is_object

Schema = dict[str, Any]
Path = tuple[str, ...]

MISSING: Final = object()
"""Returned for what does not exist, since null is a JSON value."""

_MAPS: Final = ("$defs", "definitions", "properties", "patternProperties")
_LISTS: Final = ("anyOf", "oneOf", "allOf", "prefixItems")
_SINGLES: Final = ("items", "additionalProperties", "not")
_WITHOUT_REFERENCES: Final = frozenset({"$defs", "definitions", "enum", "const"})


def subschemas(schema: Schema) -> Iterator[tuple[Path, object]]:
    """Yield the direct subschemas of a schema, each with its path from there."""
    for keyword in _MAPS:
        if is_object(named := schema.get(keyword)):
            yield from (((keyword, name), subschema) for name, subschema in named.items())
    for keyword in _LISTS:
        if is_array(listed := schema.get(keyword)):
            yield from (((keyword, str(i)), subschema) for i, subschema in enumerate(listed))
    for keyword in _SINGLES:
        if is_object(subschema := schema.get(keyword)):
            yield (keyword,), subschema


def walk(root: Schema) -> Iterator[tuple[Path, Schema]]:
    """Yield the root and every schema below it with its path, depth first. Any depth is allowed."""
    waiting: list[tuple[Path, object]] = [((), root)]
    while waiting:
        path, schema = waiting.pop()
        if is_object(schema):
            yield path, schema
            # The first subschema comes last in the list, and is popped first.
            below = [((*path, *step), subschema) for step, subschema in subschemas(schema)]
            waiting.extend(reversed(below))


def resolve(root: Any, reference: str) -> Any:
    """Return the schema that a local reference points to, or `MISSING`.

    Args:
        root: The whole schema.
        reference: `#`, `#/json/pointer` or `#anchor`. Remote references are never fetched.
    """
    if not reference.startswith("#"):
        return MISSING
    fragment = unquote(reference[1:])
    found = follow(root, fragment) if not fragment or fragment.startswith("/") else _anchored(root, fragment)
    return found if is_object(found) or isinstance(found, bool) else MISSING


def follow(root: Any, pointer: str) -> Any:
    """Return the value at a JSON pointer, or `MISSING`."""
    value = root
    for step in pointer.split("/")[1:]:
        # RFC 6901: "~01" stands for "~1", so "~0" is replaced last.
        name = step.replace("~1", "/").replace("~0", "~")
        if is_object(value) and name in value:
            value = value[name]
        elif is_array(value) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        else:
            return MISSING
    return value


def _anchored(value: Any, name: str) -> Any:
    if is_object(value):
        if name in (value.get("$anchor"), value.get("$dynamicAnchor")):
            return value
        value = [*value.values()]
    if is_array(value):
        for item in value:
            found = _anchored(item, name)
            if found is not MISSING:
                return found
    return MISSING


def pointers_of_anchors(root: Any) -> dict[str, str]:
    """Return the reference to each anchor of a schema, as a pointer; of equal names, the first counts."""
    pointers: dict[str, str] = {}
    waiting: list[tuple[str, Any]] = [("#", root)]
    while waiting:
        pointer, value = waiting.pop()
        if is_object(value):
            for name in (value.get("$anchor"), value.get("$dynamicAnchor")):
                if isinstance(name, str):
                    pointers.setdefault(f"#{name}", pointer)
            steps = ((name.replace("~", "~0").replace("/", "~1"), inner) for name, inner in value.items())
        elif is_array(value):
            steps = ((str(place), inner) for place, inner in enumerate(value))
        else:
            continue
        below = [(f"{pointer}/{quote(step)}", inner) for step, inner in steps if is_object(inner) or is_array(inner)]
        waiting.extend(reversed(below))
    return pointers


def references_in(value: Any) -> list[str]:
    """Return the references of a schema and everything in it, apart from its definitions."""
    if is_array(value):
        return [reference for item in value for reference in references_in(item)]
    if not is_object(value):
        return []
    own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
    inner = (held for keyword, held in value.items() if keyword not in _WITHOUT_REFERENCES)
    return own + [reference for held in inner for reference in references_in(held)]
