"""The canonical form of requests, in which recordings compare them."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from chatdouble.core.expressions import Expression
from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.expressions import json_path, pattern
from chatdouble.scripts.matching.normalisation import NORMALISED

ANYTHING: Final = "<...>"
"""The replacement of matches of any other regular expression."""

_EXACT: Final = 2**53
"""Floats represent all integers up to this one exactly."""

_FIRST: Final = ("model", "messages", "role", "type", "id", "name", "content")
"""The keys that come first, in this order; all others follow alphabetically."""
_FIRST_KEYS: Final = frozenset(_FIRST)


def canonical(body: Any, ignore: Iterable[str] = (), normalise: Iterable[str] = ()) -> Any:
    """Return the canonical form of a request, in which it is compared and recorded.

    Args:
        body: The request's JSON value.
        ignore: JSONPaths of values to remove.
        normalise: Parts of texts to replace: names of `NORMALISED`, or regular expressions.
    """
    replacements = [NORMALISED.get(name, (name, ANYTHING)) for name in normalise]
    value = _plain(body, [(pattern(regex), replacement) for regex, replacement in replacements])
    if is_object(value) and isinstance(body.get("model"), str):
        value["model"] = body["model"]  # the date in a snapshot's name does not differ from run to run
    for path in ignore:
        value = _without(value, path)
    return value


def _plain(value: Any, replacements: list[tuple[Expression, str]]) -> Any:
    if isinstance(value, str):
        for regex, replacement in replacements:
            value = regex.sub(replacement, value)
        return value
    if is_object(value):
        keys = [*(key for key in _FIRST if key in value), *sorted(value.keys() - _FIRST_KEYS)]
        return {key: _plain(value[key], replacements) for key in keys}
    if is_array(value):
        return [_plain(inner, replacements) for inner in value]
    # 1 and 1.0 are the same number; SDKs send either.
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT else value


def _without(value: Any, path: str) -> Any:
    """Return a value without the values at a JSONPath."""
    if not is_object(value) and not is_array(value):
        return value
    places = [match.parts for match in json_path(path).finditer(value) if match.parts]
    # Later items of a list first, so that earlier ones keep their positions.
    for *way, last in sorted(places, key=lambda parts: [str(part).zfill(9) for part in parts], reverse=True):
        holder: Any = value
        for step in way:
            holder = holder[step]
        del holder[last]
    return value


def without_nulls(value: Any) -> Any:
    """Return a canonical value in a form that is the same for all values that have no `differences`.

    Raises:
        OverflowError: It has an integer that no float comes near.
    """
    if is_object(value):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if is_array(value):
        last = next((at for at in range(len(value), 0, -1) if value[at - 1] is not None), 0)
        return [without_nulls(inner) for inner in value[:last]]
    # A large integer and a float may be equal; that others have the same form does no harm.
    return float(value) if isinstance(value, int) and abs(value) >= _EXACT else value


def differences(wanted: Any, found: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the differences of two JSON values: the path and both values there; None replacement for no value.

    Args:
        wanted: The expected value.
        found: The other value.
        path: The path of both values.
    """
    if is_object(wanted) and is_object(found):
        for key in dict.fromkeys((*wanted, *found)):
            yield from differences(wanted.get(key), found.get(key), f"{path}.{key}" if path else key)
    elif is_array(wanted) and is_array(found):
        for index in range(max(len(wanted), len(found))):
            yield from differences(_at(wanted, index), _at(found, index), f"{path}[{index}]")
    elif wanted != found or isinstance(wanted, bool) != isinstance(found, bool):
        yield path, *_excerpts(wanted, found)


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else None


_BEFORE: Final = 20
"""The number of equal characters to show before the first different one in long texts."""

_LONG: Final = 100


def _excerpts(wanted: Any, found: Any) -> tuple[Any, Any]:
    """Return two values; long texts are cut to start shortly before the first difference."""
    if not (isinstance(wanted, str) and isinstance(found, str)) or max(len(wanted), len(found)) <= _LONG:
        return wanted, found
    same = next(
        (at for at, (a, b) in enumerate(zip(wanted, found, strict=False)) if a != b), min(len(wanted), len(found))
    )
    start = max(same - _BEFORE, 0)
    dots = "..." if start else ""
    return dots + wanted[start:], dots + found[start:]
