"""Lenient reading of requests that an upstream validates."""

from typing import Any, Final

from pydantic import ValidationError

from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.catalogue.model import Model
from chatdouble.core.json import json_body
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation.forgiving import forgiven

NAMELESS: Final = "unknown"
"""Model name of a request without one."""


def read(
    raw: bytes, catalogue: Catalogue, deployment: str | None
) -> tuple[ChatCompletionRequest, dict[str, Any], Model]:
    """Return a request, its body and its model; an empty request if the body is not one.

    Args:
        raw: The request's body.
        catalogue: The models.
        deployment: The model in the path, used if the body has none (Azure).
    """
    body = json_body(raw)
    name = body.get("model") or deployment
    body["model"] = name = name if isinstance(name, str) else NAMELESS
    request = _shaped(body, len(raw))
    if request is None:
        body = {"model": name, "messages": [{"role": "user", "content": ""}]}
        request = ChatCompletionRequest.model_validate(body)
    return request, body, catalogue.like(name)


def _shaped(body: dict[str, Any], size: int) -> ChatCompletionRequest | None:
    """Return the request if the body has the published shape, ignoring unknown keys."""
    try:
        return forgiven(ChatCompletionRequest, body, size).request
    except ValidationError:
        return None
