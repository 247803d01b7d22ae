"""Refusal of models that /chat/completions does not serve."""

from types import MappingProxyType
from typing import Final

from chatdouble.catalogue.model import Endpoint, Model
from chatdouble.core.errors import APIError

_NOT_CHAT: Final = (
    "This is not a chat model and thus not supported in the v1/chat/completions endpoint. "
    "Did you mean to use v1/completions?"
)
_MESSAGES: Final = MappingProxyType[Endpoint, str](
    {
        "responses": "This model is only supported in v1/responses and not in v1/chat/completions.",
        "completions": _NOT_CHAT,
        "embeddings": _NOT_CHAT,
        "moderations": _NOT_CHAT,
        "other": _NOT_CHAT,
    }
)


def check(model: Model) -> None:
    """Raise a 404 for a model of another endpoint (errors#models)."""
    message = _MESSAGES.get(model.endpoint)
    if message:
        raise APIError(message, status=404, param="model")
