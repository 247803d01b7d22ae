"""The items that a conversation is made of or extended with: they are checked as those of a request are."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.catalogue.catalogue import general
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array
from chatdouble.schema.responses.request import ResponsesRequest
from chatdouble.validation import wording
from chatdouble.validation.responses import fields, shapes
from chatdouble.validation.responses import wording as own

MOST_ITEMS: Final = 20
"""The items that one request may add (responses#routes)."""

_INPUT: Final = "input"
_ITEMS: Final = "items"


def check_items(items: object) -> None:
    """Check items that are to be added to a conversation.

    Raises:
        APIError: The first mistake.
    """
    if not is_array(items):
        raise wording.wrong_type(_ITEMS, "an array of input items", items)
    if len(items) > MOST_ITEMS:
        raise wording.too_long(_ITEMS, items, MOST_ITEMS, "array")
    given = {_INPUT: items}
    try:
        ResponsesRequest.model_validate(given)
    except ValidationError as error:
        raise _renamed(shapes.translate(error, general(""))[0]) from None
    for fault in fields.faults(given):
        raise _renamed(fault)


def check_new(known: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]]) -> None:
    """Refuse items whose id an item of the conversation has already (responses#conversation).

    Raises:
        APIError: The conversation has one of them.
    """
    ids = {item["id"] for item in known}
    for item in items:
        if item.get("id") in ids:
            raise own.duplicate(str(item["id"]))


def _renamed(error: APIError) -> APIError:
    """Return the error of an input as that of the items: `items[0]` for `input[0]`."""
    message = error.message.replace(f"'{_INPUT}[", f"'{_ITEMS}[")
    param = error.param and _ITEMS + error.param.removeprefix(_INPUT)
    return APIError(message, status=error.status, param=param, code=error.code)
