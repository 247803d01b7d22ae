"""Which shape a JSON value has, for reading requests as they were sent."""

from typing import Any

from typing_extensions import TypeIs


def is_object(value: Any) -> TypeIs[dict[str, Any]]:
    """Say whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: Any) -> TypeIs[list[Any]]:
    """Say whether a JSON value is an array."""
    return isinstance(value, list)


def object_or_empty(value: Any) -> dict[str, Any]:
    """Return a JSON value if it is an object, else an empty one."""
    return value if is_object(value) else {}


def objects_in(value: Any) -> list[dict[str, Any]]:
    """Return the objects in a JSON array; none if it is no array."""
    objects: list[dict[str, Any]] = (
        [held for held in value if held.__class__ is dict] if value.__class__ is list else []
    )
    return objects
