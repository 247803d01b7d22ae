"""Translation of pydantic's errors into the API's."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from chatdouble.catalogue.model import Model
from chatdouble.core.did_you_mean import api_suggestions
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_object, is_object
from chatdouble.schema.messages import PART_TYPES
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation import wording
from chatdouble.validation.expectation import Place, discriminator, expected, fields_of, find, one_of, values
from chatdouble.validation.faults import Fault, Stage
from chatdouble.validation.wording import messages

Translate = Callable[[Place, ErrorDetails, Model], APIError]


UNKNOWN: Final = "extra_forbidden"
"""Pydantic's type of the error for a parameter that does not exist."""

_REPORTED: Final = 100
"""The faults of a field, and of a stage, that lenient validation warns of."""


def translate(error: ValidationError, model: Model) -> list[Fault]:
    """Return the API's faults for pydantic's errors; unknown top-level parameters are not among them.

    Of the many faults that one field may have, those that the API could report first are returned.
    """
    found: list[Fault] = []
    counts: dict[tuple[int | str, Stage], int] = {}
    for one in error.errors(include_url=False):
        field = one["loc"][0]
        if (one["type"] == UNKNOWN and len(one["loc"]) == 1) or counts.get((field, Stage.SHAPE), 0) >= _REPORTED:
            continue
        fault = _fault(one, model)
        counts[field, fault.stage] = counts.get((field, fault.stage), 0) + 1
        if counts[field, fault.stage] <= _REPORTED:
            found.append(fault)
    return found


def _fault(error: ErrorDetails, model: Model) -> Fault:
    location = error["loc"]
    if location[0] == "messages":
        late = _late(error)
        if late is not None:
            return Fault(Stage.CONTENT, late)
    translation = _BY_FIELD.get(location[0]) or _TRANSLATIONS.get(error["type"], _wrong_type)
    field = fields_of(ChatCompletionRequest).get(location[0]) if len(location) == 1 else None
    found = translation(field or find(location), error, model)
    return Fault(_stage(error, found), found)


def worded(place: Place, error: ErrorDetails, model: Model) -> APIError:
    """Return the API's error for one of pydantic's at a place of the request."""
    return _TRANSLATIONS.get(error["type"], _wrong_type)(place, error, model)


def _stage(error: ErrorDetails, found: APIError) -> Stage:
    if error["loc"] == ("messages",) and error["type"] == "missing":
        return Stage.PRESENT
    # Decimals' ranges are looked at late: max_tokens 0 comes before temperature -0.5 (rules#order-of-checks).
    late = str(found.code).startswith("decimal_") or (error["loc"][0] in _BY_FIELD and found.code != "invalid_type")
    return Stage.VALUE if late else Stage.SHAPE


def _late(error: ErrorDetails) -> APIError | None:
    """Return the error for a message without content, or without a field its role needs; the API checks these last.

    `param` has a dot before the index (rules#message-order). For a developer's message the API checks at
    once (errors#content).
    """
    location = error["loc"]
    if len(location) != _MESSAGE_FIELD:
        return None
    _, place, role, name = location
    if role == "developer":
        return None
    absent = error["type"] == "missing"
    if name == "content" and (absent or error["input"] is None):
        return messages.no_content(int(place))
    if absent and name in _NEEDS.get(str(role), ()):
        return messages.missing_of_role(int(place), str(role), str(name))
    return None


_MESSAGE_FIELD: Final = 4
_NEEDS: Final = {"tool": ("tool_call_id",), "function": ("name",)}


def _missing(place: Place, _error: ErrorDetails, _model: Model) -> APIError:
    return wording.missing(place.path)


def _unknown(place: Place, error: ErrorDetails, _model: Model) -> APIError:
    parent, _, name = place.path.rpartition(".")
    meant = api_suggestions(name, place.siblings, as_object(error.get("input")))
    return wording.unknown(place.path, [f"{parent}.{one}" for one in meant])


def _wrong_type(place: Place, error: ErrorDetails, _model: Model) -> APIError:
    return wording.wrong_type(place.path, expected(place.type), error["input"])


def _literal(place: Place, error: ErrorDetails, _model: Model) -> APIError:
    return _choice(place.path, error["input"], values(place.type), error["loc"])


def _tag(place: Place, error: ErrorDetails, model: Model) -> APIError:
    """Return the error for a union's discriminator field, or for a value that is not an object."""
    name, value = discriminator(place.type), error["input"]
    if name is None or not is_object(value):
        return _wrong_type(place, error, model)
    path = f"{place.path}.{name}"
    if name not in value:
        return wording.missing(path)
    return _choice(path, value[name], values(place.type), error["loc"])


def _choice(path: str, value: object, allowed: Sequence[str], location: Sequence[int | str]) -> APIError:
    """Return the error for a value that is not allowed; some content parts exist only for other roles."""
    if not isinstance(value, str):
        return wording.wrong_type(path, one_of(allowed), value)
    if value in PART_TYPES and re.fullmatch(_PART_TYPE, path):
        return _misplaced_part(location[1], location[2], value)
    return wording.wrong_value(path, value, allowed)


_PART_TYPE: Final = r"messages\[\d+\]\.content\[\d+\]\.type"


def _misplaced_part(place: int | str, role: int | str, tag: str) -> APIError:
    """Return the error for a content part of another role (errors#content)."""
    if tag == "image_url":
        return messages.misplaced_image(int(place), str(role))
    return messages.misplaced_part(int(place))


def _effort(place: Place, error: ErrorDetails, model: Model) -> APIError:
    """Return the error for an effort that does not exist, worded as for one this model does not support."""
    if not model.efforts:
        return _literal(place, error, model)
    return wording.unsupported_effort(model.efforts, error["input"])


def _retention(place: Place, error: ErrorDetails, model: Model) -> APIError:
    if isinstance(error["input"], str):
        return wording.invalid_argument(place.path)
    return _literal(place, error, model)


def _tier(place: Place, error: ErrorDetails, model: Model) -> APIError:
    """Return the error for a tier; `ultrafast` exists, but not at this endpoint."""
    return wording.invalid_argument(place.path) if error["input"] == "ultrafast" else _literal(place, error, model)


def _bound(place: Place, error: ErrorDetails, model: Model) -> APIError:
    bounds = error.get("ctx", {})
    bound: int | float = next(iter(bounds.values()))
    kind = "decimal" if isinstance(bound, float) else "integer"
    if "ge" in bounds:
        return wording.below(place.path, error["input"], bound, kind)
    return wording.above(place.path, error["input"], model.max_n if place.path == "n" else bound, kind)


def _empty(place: Place, error: ErrorDetails, _model: Model) -> APIError:
    return wording.empty(place.path, _kind(error["input"]))


def _too_long(place: Place, error: ErrorDetails, _model: Model) -> APIError:
    value = error["input"]
    return wording.too_long(place.path, value, error.get("ctx", {})["max_length"], _kind(value))


def _kind(value: object) -> str:
    return "string" if isinstance(value, str) else "array"


_TRANSLATIONS: Final[Mapping[str, Translate]] = MappingProxyType(
    {
        "missing": _missing,
        "extra_forbidden": _unknown,
        "literal_error": _literal,
        "union_tag_not_found": _tag,
        "union_tag_invalid": _tag,
        "greater_than_equal": _bound,
        "less_than_equal": _bound,
        "too_short": _empty,
        "too_long": _too_long,
        "string_too_long": _too_long,
    }
)
"""By pydantic's error type; every other error is about a value's type."""

_BY_FIELD: Final[Mapping[int | str, Translate]] = MappingProxyType(
    {"reasoning_effort": _effort, "prompt_cache_retention": _retention, "service_tier": _tier}
)
"""Fields with their own error messages."""
