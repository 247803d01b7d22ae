"""A request without what is wrong with it, for those who would rather have a warning."""

from copy import deepcopy
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.schema.json_values import as_array, as_object, is_object
from chatdouble.validation.expectation import find

_INDISPENSABLE: Final = frozenset({"model", "messages"})


def prune(body: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Return a request without its unknown keys and without its optional fields of a wrong shape.

    What is wrong with the model or the messages, unknown keys aside, stays as it is.
    """
    pruned = deepcopy(body)
    for one in error.errors(include_url=False, include_context=False):
        if one["type"] == "extra_forbidden":
            _remove(pruned, find(one["loc"]).steps)
        elif one["loc"][0] not in _INDISPENSABLE:
            pruned.pop(str(one["loc"][0]), None)
    return pruned


def without_unknown(body: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Return a request without its unknown keys."""
    pruned = deepcopy(body)
    for one in error.errors(include_url=False, include_context=False):
        if one["type"] == "extra_forbidden":
            _remove(pruned, find(one["loc"]).steps)
    return pruned


def _remove(value: Any, steps: tuple[int | str, ...]) -> None:
    *way, last = steps
    for step in way:
        if value is None:
            return
        value = as_array(value)[step] if isinstance(step, int) else as_object(value).get(step)
    if is_object(value):
        value.pop(str(last), None)
