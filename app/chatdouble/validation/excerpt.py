"""Huge requests: a fault that an excerpt has already is reported without a look at the rest."""

from typing import Any, Final

from pydantic import ValidationError

from chatdouble.catalogue.model import Model
from chatdouble.core.json import is_array
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation import unknown
from chatdouble.validation.faults import Fault, Stage, first
from chatdouble.validation.translation import translate

_MANY: Final = 200


def check(body: dict[str, Any], model: Model) -> None:
    """Raise the fault that the API reports for a huge request, if its unknown names or first messages show it.

    Raises:
        APIError: The fault: no other part of the request can have one that comes before.
    """
    messages = body.get("messages")
    many = messages[:_MANY] if is_array(messages) and len(messages) > _MANY else None
    if many is None and len(body) <= _MANY:
        return
    found = unknown.faults(model, body)
    if not found and many is not None:
        found = _of_messages({"messages": many}, model)
    if found:
        raise first(found)


def _of_messages(excerpt: dict[str, Any], model: Model) -> list[Fault]:
    try:
        ChatCompletionRequest.__pydantic_validator__.validate_python(excerpt | {"model": model.id})
    except ValidationError as error:
        found = translate(error, model)
    else:
        return []
    # A fault of the messages' shape comes first: the field is the first but for the model, whose name is known.
    return [fault for fault in found if fault.stage == Stage.SHAPE]
