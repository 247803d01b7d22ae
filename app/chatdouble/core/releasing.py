"""Release of large values in steps. Python frees all parts of a value at once, while everybody else waits."""

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
            held.pop()


def _parts(value: Any) -> list[Any]:
    """Return a value and the objects and arrays in it, outer ones first."""
    held = [value]
    for one in held:
        if len(held) > _MOST:
            break
        if is_array(one) and not any(is_object(first) or is_array(first) for first in one[:1]):
            continue  # mostly a long list of numbers
        held += [inner for inner in values_in(one) if inner.__class__ is dict or inner.__class__ is list]
    return held
