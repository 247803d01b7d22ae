"""Values that a schema lists, in `enum` or `const`, and that its other keywords allow."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from chatdouble.core.json import is_array, is_object
from chatdouble.json_schema.equality import canonical
from chatdouble.json_schema.generate.flat_schema import FlatSchema
from chatdouble.json_schema.generate.intersection import Keywords, allowed_values, is_of_types

if TYPE_CHECKING:
    from chatdouble.json_schema.generate.generator import InstanceGenerator, Position

_FEW: Final = 100
"""The listed values that are all looked at, however long that takes for each."""
_PER_STEP: Final = 20
"""The values that are looked at in a step if that is easy."""
_SAYING_NOTHING: Final = frozenset(
    {"enum", "const", "title", "description", "$comment", "default", "examples", "example"}
)


def listed_value(generator: "InstanceGenerator", flat: FlatSchema, position: "Position") -> Any:
    """Return one of the values that a schema lists: a valid one, and not null, if there is one.

    Args:
        generator: The generator of the value.
        flat: The schema, which has an `enum` or a `const`.
        position: The position of the value.
    """
    listed = [*(allowed_values(flat.keywords) or ())]
    easy = [*_easily_allowed(listed, flat, generator)]
    order = _of_rest(flat.keywords)
    rng = position.chance.random()
    if not order:
        return _chosen(generator, easy, listed, rng.choice)
    if len(easy) <= _FEW:
        valid = [value for value in easy if generator.is_valid(value, order)]
        return _chosen(generator, valid, listed, rng.choice)
    rng.shuffle(easy)
    easy.sort(key=lambda value: value is None)
    valid = [next((value for value in easy if generator.is_valid(value, order)), _NONE)]
    return _chosen(generator, [value for value in valid if value is not _NONE], listed, rng.choice)


_NONE: Final = object()


def _chosen(
    generator: "InstanceGenerator", valid: Sequence[Any], listed: Sequence[Any], choose: Callable[[Sequence[Any]], Any]
) -> Any:
    if not valid:
        generator.failed += 1
    return choose([value for value in valid if value is not None] or valid or listed)


def _easily_allowed(values: Sequence[Any], flat: FlatSchema, generator: "InstanceGenerator") -> Iterator[Any]:
    """Yield the values that have a right type and size, and that no check rules out."""
    allowed = [test for name, test in _TESTS.items() if name in flat.keywords]
    excluded = _excluded(flat.checks)
    generator.steps.spend((len(values) * (1 + len(allowed)) + len(excluded)) // _PER_STEP)
    for value in values:
        if all(test(value, flat.keywords) for test in allowed) and not (excluded and canonical(value) in excluded):
            yield value


def _excluded(checks: Sequence[Any]) -> set[str]:
    """Return the values that checks rule out by listing them."""
    denied = (check["not"] for check in checks if is_object(check) and check.keys() == {"not"})
    lists = (allowed_values(one) for one in denied if is_object(one) and len(one.keys() - _SAYING_NOTHING) == 0)
    return {canonical(value) for values in lists for value in values or ()}


def _of_rest(keywords: Keywords) -> Keywords:
    """Return the keywords that are not tested here."""
    return {name: one for name, one in keywords.items() if name not in _SAYING_NOTHING and name not in _TESTS}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bound(is_right: Callable[[Any, Any], bool], name: str, applies: Callable[[object], bool], size: Any) -> Any:
    def test(value: Any, keywords: Keywords) -> bool:
        return not applies(value) or is_right(size(value), keywords[name])

    return test


def _itself(value: Any) -> Any:
    return value


_TESTS: Final[Mapping[str, Callable[[Any, Keywords], bool]]] = {
    "type": lambda value, keywords: is_of_types(value, keywords["type"]),
    "minimum": _bound(lambda value, least: value >= least, "minimum", _is_number, _itself),
    "maximum": _bound(lambda value, most: value <= most, "maximum", _is_number, _itself),
    "exclusiveMinimum": _bound(lambda value, least: value > least, "exclusiveMinimum", _is_number, _itself),
    "exclusiveMaximum": _bound(lambda value, most: value < most, "exclusiveMaximum", _is_number, _itself),
    "minLength": _bound(lambda size, least: size >= least, "minLength", lambda value: isinstance(value, str), len),
    "maxLength": _bound(lambda size, most: size <= most, "maxLength", lambda value: isinstance(value, str), len),
    "minItems": _bound(lambda size, least: size >= least, "minItems", is_array, len),
    "maxItems": _bound(lambda size, most: size <= most, "maxItems", is_array, len),
}
