"""Release of large values in steps. Python frees all parts of a value at once, while everybody else waits."""

from sys import getrefcount
from typing import Any, Final

from chatdouble.core.json import is_array, is_object, values_in

_MOST: Final = 50_000
"""The objects and arrays of a value that are freed one by one; their own parts are few."""


def release(values: list[Any]) -> None:
    """Free JSON values that only a list refers to, and empty the list; meant for a thread.

    Other threads get their turns between the parts of a value.
    """
    while values:
        held = _parts(values.pop())
        held.reverse()  # outer ones are freed first, while what is in them is still held here
        while held:
            last = held.pop()
            if (is_object(last) or is_array(last)) and len(last) > _AT_ONCE and getrefcount(last) == _OURS_ALONE:
                _empty(last)


def _references() -> int:
    """Return the references to a value that nobody but a function has, which differ between versions of Python."""
    alone: list[Any] = []
    return getrefcount(alone)


_AT_ONCE: Final = 20_000
"""The items of an object or array without others in them that are freed in a few milliseconds."""
_FREED: Final = 1_000
"""The items of an array that are freed at once, of which each may have others in it."""
_OURS_ALONE: Final = _references()


def _empty(value: Any) -> None:
    """Remove the items of an object or array, from its end."""
    if is_object(value):
        while value:
            value.popitem()
    else:
        while value:
            del value[-_FREED:]


def _parts(value: Any) -> list[Any]:
    """Return a value and the objects and arrays in it, outer ones first."""
    held = [value]
    for one in held:
        if len(held) > _MOST:
            break
        if is_array(one) and not any(is_object(first) or is_array(first) for first in one[:1]):
            continue  # mostly a long list of numbers
        # Not by a list of them, which would be dropped in one step, however long.
        held.extend(inner for inner in values_in(one) if inner.__class__ is dict or inner.__class__ is list)
    return held
