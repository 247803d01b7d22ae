"""Lenient reading of requests that an upstream validates."""

from typing import Any, Final

from pydantic import ValidationError

from chatdouble.catalogue.catalogue import Catalogue, general
from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.core.json import json_body
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation.forgiving import forgiven

NAMELESS: Final = "unknown"
"""Model name of a request without one."""


def read(
    raw: bytes, catalogue: Catalogue, now: float, deployment: str | None
) -> tuple[ChatCompletionRequest, dict[str, Any], Model]:
    """Return a request, its body and its model; an empty request if the body is not one.

    Args:
        raw: The request's body.
        catalogue: The models.
        now: The time, in seconds since 1970.
        deployment: The model in the path, used if the body has none (Azure).
    """
    body = json_body(raw)
    name = body.get("model") or deployment
    body["model"] = name = name if isinstance(name, str) else NAMELESS
    request = _shaped(body, len(raw))
    if request is None:
        body = {"model": name, "messages": [{"role": "user", "content": ""}]}
        request = ChatCompletionRequest.model_validate(body)
    return request, body, _model(name, catalogue, now)


def _shaped(body: dict[str, Any], size: int) -> ChatCompletionRequest | None:
    """Return the request if the body has the published shape, ignoring unknown keys."""
    try:
        return forgiven(ChatCompletionRequest, body, size).request
    except ValidationError:
        return None


def _model(name: str, catalogue: Catalogue, now: float) -> Model:
    try:
        return catalogue.find(name, now)
    except APIError:
        return general(name)
