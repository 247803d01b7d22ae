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
    return _Reduction().schema(schema)


class _Reduction:
    """The reduction of one schema to what is not certainly valid."""

    def __init__(self) -> None:
        self._letters = _MOST_LETTERS

    def schema(self, schema: Any) -> Any:
        """Return the parts of a schema that are uncertain."""
        if not is_object(schema):
            return VALID if isinstance(schema, bool) else schema
        kept: dict[str, Any] = {}
        for keyword, value in schema.items():
            left = self._left(keyword, value)
            if left is not VALID:
                kept[keyword] = left
        return kept or VALID

    def _left(self, keyword: str, value: Any) -> Any:
        """Return what is left of a keyword's value without the parts that are certainly valid."""
        reduce = self._REDUCED.get(keyword)
        if reduce is not None:
            return reduce(self, value)
        is_certain = _CERTAIN.get(keyword)
        return VALID if is_certain is None or is_certain(value) else value

    def _map(self, value: Any) -> Any:
        """Return the schemas of a map of them that are uncertain."""
        if not is_object(value):
            return value
        left = {name: one for name, schema in value.items() if (one := self.schema(schema)) is not VALID}
        return left or VALID

    def _list(self, value: Any) -> Any:
        """Return the schemas of a list of them that are uncertain."""
        if not is_array(value) or not value:
            return value
        return [one for schema in value if (one := self.schema(schema)) is not VALID] or VALID

    def _one_or_list(self, value: Any) -> Any:
        """Return the value of `items` unchanged, unless it is certain or very long: the error shows it."""
        left = self._list(value) if is_array(value) else self.schema(value)
        return left if left is VALID or (is_array(value) and len(value) > _MANY) else value

    def _dependencies(self, value: Any) -> Any:
        """Return the dependencies that are uncertain."""
        if not is_object(value):
            return value
        left: dict[str, Any] = {}
        for name, one in value.items():
            reduced = _names(one) if is_array(one) else self.schema(one)
            if reduced is not VALID:
                left[name] = reduced if is_array(one) else one
        return left or VALID

    def _expression(self, value: Any) -> Any:
        """Return the value of `pattern` unless it is a regular expression."""
        return VALID if self._is_expression(value) else value

    def _expressions(self, value: Any) -> Any:
        """Return the value of `patternProperties` unless it is certain."""
        return VALID if self._map(value) is VALID and all(map(self._is_expression, value)) else value

    def _is_expression(self, value: Any) -> bool:
        """Tell whether a value is a regular expression, as the library does: whether `re` compiles it.

        To compile takes long, so that further expressions of a schema that has very long ones count as valid.
        """
        if not isinstance(value, str):
            return False
        self._letters -= len(value)
        if self._letters < 0:
            return True
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                re.compile(value)
        except (re.error, OverflowError, RecursionError):
            return False
        return True

    def _own_names(self, value: Any) -> Any:
        """Return the names that are uncertain."""
        return _names(value)

    def _own_kinds(self, value: Any) -> Any:
        """Return the types that are uncertain."""
        return _kinds(value)

    _REDUCED: Final = {
        **dict.fromkeys(("properties", "definitions"), _map),
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), _list),
        **dict.fromkeys(("additionalItems", "contains", "additionalProperties", "propertyNames", "not"), schema),
        **dict.fromkeys(("if", "then", "else"), schema),
        "items": _one_or_list,
        "dependencies": _dependencies,
        "pattern": _expression,
        "patternProperties": _expressions,
        "required": _own_names,
        "type": _own_kinds,
    }
    """Keywords of whose values the certain parts are left out."""


_MOST_LETTERS: Final = 100_000
"""The characters of the expressions of one schema that are compiled."""


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


_CERTAIN: Final[Mapping[str, Callable[[Any], bool]]] = {
    **dict.fromkeys(("$comment", "title", "description", "format", "contentMediaType", "contentEncoding"), _is_text),
    **dict.fromkeys(("$ref", "$id"), _is_pointer),
    "$schema": lambda value: value == "http://json-schema.org/draft-07/schema#",
    **dict.fromkeys(("readOnly", "uniqueItems"), _is_truth),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"), _is_number),
    "multipleOf": lambda value: _is_number(value) and value > 0,
    **dict.fromkeys(("maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"), _is_size),
    **dict.fromkeys(("examples", "enum"), is_array),
}
"""Keywords whose values are certainly valid or not; others may have any value."""
