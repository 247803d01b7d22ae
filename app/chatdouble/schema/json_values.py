"""JSON values of unknown shape, taken as what they are."""

from collections.abc import Iterable
from typing import Any, TypeGuard


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Say whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Say whether a JSON value is an array."""
    return isinstance(value, list)


def as_object(value: object) -> dict[str, Any]:
    """Return a JSON object as it is, anything else as an empty one."""
    return value if is_object(value) else {}


def as_array(value: object) -> list[Any]:
    """Return a JSON array as it is, anything else as an empty one."""
    return value if is_array(value) else []


def inside(value: object) -> Iterable[object]:
    """Return the values that a JSON object or array holds; none for anything else."""
    if is_object(value):
        return value.values()
    return value if is_array(value) else ()
