"""Refusals of /moderations (moderations#errors)."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array, is_object
from chatdouble.schema.moderations import ModeratedImage, ModerationRequest
from chatdouble.validation import wording
from chatdouble.validation.patient import read_input
from chatdouble.validation.wording import inputs

_MOST_IMAGES: Final = 1


def shaped(body: dict[str, Any]) -> ModerationRequest:
    """Return the request in a body.

    Raises:
        APIError: The body has not the shape of one.
    """
    try:
        return read_input(ModerationRequest, body)
    except ValidationError as error:
        raise _of_input(body) from error


def _of_input(body: dict[str, Any]) -> APIError:
    """Return the error for an input of another shape; its words are inferred from those of other endpoints."""
    if "input" not in body:
        return wording.missing("input")
    given = body["input"]
    if not is_array(given):
        return wording.wrong_type("input", "one of a string or array", given)
    for at, one in enumerate(given):
        if not isinstance(one, str) and not (is_object(one) and one.get("type") in ("text", "image_url")):
            return wording.wrong_type(f"input[{at}]", "one of a string or moderation input", one)
    return inputs.not_judged()


def check(request: ModerationRequest) -> Iterator[APIError]:
    """Refuse more than one image."""
    images = sum(isinstance(part, ModeratedImage) for parts in request.messages() for part in parts)
    if images > _MOST_IMAGES:
        yield inputs.too_many_images(images, _MOST_IMAGES)
