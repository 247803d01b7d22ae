"""The parts of a schema that may break the metaschema of draft 7, found in a fraction of the time of a validation.

The jsonschema library takes some 25 microseconds for each keyword, which makes seconds of a schema with hundreds of
thousands of properties. It gets the parts alone that are not certainly valid, and finds the same first error there.
"""

import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.core.json import is_array, is_object

VALID: Final = object()
"""Stands for parts that are certainly valid; not a schema."""

_POINTER: Final = re.compile(r"#(?>(?:[/\w$.-]|~[01])*)", re.ASCII)
_MANY: Final = 1000
"""The items of a list that the library looks at, as a rule."""
_KINDS: Final = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})


def uncertain(schema: Any) -> Any:
    """Return a schema without the parts that are certainly valid; `VALID` if nothing is left.

    Args:
        schema: Any JSON value of some hundred levels at most.
    """
    if not is_object(schema):
        return VALID if isinstance(schema, bool) else schema
    kept: dict[str, Any] = {}
    for keyword, value in schema.items():
        left = _left(keyword, value)
        if left is not VALID:
            kept[keyword] = left
    return kept or VALID


def _left(keyword: str, value: Any) -> Any:
    """Return what is left of a keyword's value without the parts that are certainly valid."""
    reduce = _REDUCED.get(keyword)
    if reduce is not None:
        return reduce(value)
    is_certain = _CERTAIN.get(keyword)
    return VALID if is_certain is None or is_certain(value) else value


def _map(value: Any) -> Any:
    """Return the schemas of a map of them that are uncertain."""
    if not is_object(value):
        return value
    left = {name: one for name, schema in value.items() if (one := uncertain(schema)) is not VALID}
    return left or VALID


def _list(value: Any) -> Any:
    """Return the schemas of a list of them that are uncertain."""
    if not is_array(value) or not value:
        return value
    return [one for schema in value if (one := uncertain(schema)) is not VALID] or VALID


def _one_or_list(value: Any) -> Any:
    """Return the value of `items` unchanged, unless it is certain or very long: the error shows it."""
    left = _list(value) if is_array(value) else uncertain(value)
    return left if left is VALID or (is_array(value) and len(value) > _MANY) else value


def _names(value: Any) -> Any:
    """Return a list of names unchanged, unless it is certain or very long: a part has the same fault."""
    if _are_names(value):
        return VALID
    if not is_array(value) or len(value) <= _MANY:
        return value
    wrong = next((one for one in value if not isinstance(one, str)), value)
    return [wrong] if wrong is not value else [*value[:_MANY], value[0]]


def _kinds(value: Any) -> Any:
    """Return the value of `type` unchanged, unless it is certain or very long: the list of kinds is short."""
    return VALID if _is_kind(value) else value[:_MANY] if is_array(value) else value


def _dependencies(value: Any) -> Any:
    """Return the dependencies that are uncertain."""
    if not is_object(value):
        return value
    left: dict[str, Any] = {}
    for name, one in value.items():
        reduced = _names(one) if is_array(one) else uncertain(one)
        if reduced is not VALID:
            left[name] = reduced if is_array(one) else one
    return left or VALID


def _is_map_of_expressions(value: Any) -> bool:
    return _map(value) is VALID and all(map(_is_expression, value))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_pointer(value: Any) -> bool:
    return isinstance(value, str) and _POINTER.fullmatch(value) is not None


def _is_expression(value: Any) -> bool:
    """Tell whether a value is a regular expression, as the library does: whether `re` compiles it."""
    if not isinstance(value, str):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(value)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def _are_names(value: Any) -> bool:
    if not is_array(value):
        return False
    seen: set[str] = set()
    # One by one, where other threads get their turns: there may be a million.
    for name in value:
        if not isinstance(name, str) or name in seen:
            return False
        seen.add(name)
    return True


def _is_kind(value: Any) -> bool:
    return value in _KINDS if isinstance(value, str) else _are_names(value) and bool(value) and _KINDS.issuperset(value)


_REDUCED: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(("properties", "definitions"), _map),
    **dict.fromkeys(("allOf", "anyOf", "oneOf"), _list),
    **dict.fromkeys(("additionalItems", "contains", "additionalProperties", "propertyNames", "not"), uncertain),
    **dict.fromkeys(("if", "then", "else"), uncertain),
    "items": _one_or_list,
    "dependencies": _dependencies,
    "required": _names,
    "type": _kinds,
}
"""Keywords of whose values the certain parts are left out."""

_CERTAIN: Final[Mapping[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(("$comment", "title", "description", "format", "contentMediaType", "contentEncoding"), _is_text),
    **dict.fromkeys(("$ref", "$id"), _is_pointer),
    "$schema": lambda value: value == "http://json-schema.org/draft-07/schema#",
    **dict.fromkeys(("readOnly", "uniqueItems"), _is_truth),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), _is_number),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _is_size),
    **dict.fromkeys(("examples", "enum"), is_array),
    "pattern": _is_expression,
    "patternProperties": _is_map_of_expressions,
}
"""Keywords whose values are certainly valid or not; others may have any value."""
