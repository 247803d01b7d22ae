"""Removal of invalid fields from a request, for lenient validation."""

from copy import copy
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation.expectation import find

_INDISPENSABLE: Final = frozenset({"model", "messages"})


def without_unknown(
    body: dict[str, Any], error: ValidationError, request: type[BaseModel] = ChatCompletionRequest
) -> dict[str, Any]:
    """Return a request without its unknown keys.

    Args:
        body: The request's body.
        error: Pydantic's errors about it.
        request: The type of the request.
    """
    for one in error.errors(include_url=False, include_context=False):
        if one["type"] == "extra_forbidden":
            body = _without(body, find(one["loc"], request).steps)
    return body


def prune(body: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """Return a request without its unknown keys and without its optional fields of a wrong shape.

    Faults of the model or the messages stay, apart from unknown keys.
    """
    wrong = {
        one["loc"][0]
        for one in error.errors(include_url=False, include_context=False)
        if one["type"] != "extra_forbidden"
    }
    dropped = wrong - _INDISPENSABLE
    return {name: value for name, value in without_unknown(body, error).items() if name not in dropped}


def _without(value: Any, steps: tuple[int | str, ...]) -> Any:
    """Return a copy of a value without the part at a path; only containers on the path are copied."""
    step, *rest = steps
    lesser = copy(value)
    if rest:
        lesser[step] = _without(value[step], tuple(rest))
    else:
        del lesser[step]
    return lesser
