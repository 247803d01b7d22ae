"""Conversations of plain texts. Most are, and they need few checks."""

from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.validation.rules.messages import MOST, longest_text

_SPEAKERS: Final = frozenset({"user", "system", "developer", "assistant"})
_ROLE_AND_CONTENT: Final = 2


def is_plain(messages: list[dict[str, Any]], model: Model) -> bool:
    """Return True if the messages are plain texts, within their limits: no parts, names, calls or results.

    Args:
        messages: Messages of the published shape.
        model: The model that is to read them.
    """
    if len(messages) > MOST:
        return False
    longest = longest_text(model)
    for message in messages:
        content = message.get("content")
        if len(message) != _ROLE_AND_CONTENT or not isinstance(content, str) or len(content) > longest:
            return False
        if message["role"] not in _SPEAKERS:
            return False
    return True
