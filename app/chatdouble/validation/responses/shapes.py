"""Pydantic's errors about a request, in the words of the Responses API."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chatdouble.catalogue.model import Model
from chatdouble.core.did_you_mean import api_suggestions
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_object
from chatdouble.schema.request import ReasoningEffort
from chatdouble.schema.responses.items import ITEM_TYPES, ROLES
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.validation import wording
from chatdouble.validation.expectation import Place, find, one_of, values
from chatdouble.validation.responses import wording as own
from chatdouble.validation.translation import UNKNOWN, worded

FIELDS: Final = tuple(ResponsesRequest.model_fields)
"""The fields in the order in which the API checks them (responses#order-of-checks)."""

_FIELDS: Final = frozenset(FIELDS)
_MOVED: Final = {
    "messages": "input",
    "response_format": "text.format",
    "reasoning_effort": "reasoning.effort",
    "max_completion_tokens": "max_output_tokens",
}
"""Parameters of chat completions that have another place here (responses#moved)."""

REPORTED: Final = 100
"""The most errors of one kind that lenient validation warns of; the first is refused."""
_EFFORT: Final = "reasoning.effort"
_SHORTEST: Final = 3
_OLD_EFFORTS: Final = ("minimal", "low", "medium", "high")


def unknown(body: dict[str, Any]) -> Iterator[APIError]:
    """Yield the errors of parameters that do not exist, in the request's order (responses#unknown)."""
    for name in [name for name in body if name not in _FIELDS]:
        if name in _MOVED:
            yield own.moved(name, _MOVED[name])
        else:
            yield wording.unknown(name, _suggestions(name, body))


def _suggestions(name: str, body: Mapping[str, Any]) -> list[str]:
    """Return what an unknown parameter may have meant: `store` for `sto`, nothing for `st` (responses#unknown)."""
    begun = [known for known in FIELDS if len(name) >= _SHORTEST and known.startswith(name)]
    return api_suggestions(name, FIELDS, body) or (begun if len(begun) == 1 else [])


def translate(error: ValidationError, model: Model) -> list[APIError]:
    """Return the errors of fields with a wrong shape; unknown parameters are not among them."""
    details = error.errors(include_url=False)
    return [_worded(one, model) for one in details[:REPORTED] if one["type"] != UNKNOWN or len(one["loc"]) > 1]


def first(found: list[APIError]) -> APIError:
    """Return the error that the API reports: the first of the lowest rank.

    The list is emptied: the frame that raises an error and still has it in a list is a cycle, which keeps the
    request's body until a collection.
    """
    error = min(found, key=rank)
    found.clear()
    return error


def _worded(error: ErrorDetails, model: Model) -> APIError:
    place = find(error["loc"], ResponsesRequest)
    if place.steps[0] == "input":
        found = _of_input(place, error)
        if found is not None:
            return found
    if place.path == _EFFORT and not isinstance(error["input"], str):
        return _wrong_effort(error["input"])
    if error["input"] is None:
        error = {**error, "input": {}}  # a null is an object in these messages (responses#null)
    return worded(place, error, model)


def _of_input(place: Place, error: ErrorDetails) -> APIError | None:
    """Return the error of an item or part, which the API names without the field at fault (responses#items)."""
    value, last = error["input"], place.steps[-1]
    if error["type"].startswith("union_tag") and isinstance(last, int):
        return _untagged(place, value)
    if last == "role":
        path = place.path.removesuffix(".role")
        missing = error["type"] == "missing" or not isinstance(value, str)
        return wording.wrong_value(path, "" if missing else value, ROLES)
    return None


def _untagged(place: Place, value: object) -> APIError:
    """Return the error of an item or part whose type does not exist."""
    is_item = place.steps[-2] == "input"
    if not is_object(value):
        return wording.wrong_type(place.path, "an input item" if is_item else "an object", value)
    kind = value.get("type")
    if kind is None:
        return wording.wrong_value(place.path, "", ROLES) if is_item else wording.missing(f"{place.path}.type")
    allowed = ITEM_TYPES if is_item else values(place.type)
    return wording.wrong_value(place.path, kind if isinstance(kind, str) else "", allowed)


def _wrong_effort(value: object) -> APIError:
    """Return the error of an effort that is no text; a number has words of its own (responses#null)."""
    if isinstance(value, int):
        return wording.wrong_type(_EFFORT, one_of(_OLD_EFFORTS), value)
    return wording.wrong_type(_EFFORT, f"one of {one_of(values(ReasoningEffort))} or integer", value)


def rank(error: APIError) -> int:
    """Return the position of the field at fault in the API's order."""
    name = (error.param or "").split(".", 1)[0].split("[", 1)[0]
    return FIELDS.index(name) if name in _FIELDS else len(FIELDS)
