"""The texts of messages, in any form of content."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chatdouble.core.json import objects_in

_ROLE_AND_CONTENT: Final = 2
_SPEAKERS: Final = frozenset({"user", "system", "developer", "assistant"})
_TEXT_KEYS: Final = {"text": "text", "refusal": "refusal"}


def text_of(content: Any) -> str:
    """Return the text of a message's content: the string, or the texts of its parts on separate lines.

    Args:
        content: The `content` of a message as it was sent.
    """
    if isinstance(content, str):
        return content
    return "\n".join(parts_texts(content))


def parts_texts(content: Any) -> Iterator[str]:
    """Yield the texts of the text and refusal parts of a content."""
    for part in objects_in(content):
        text = part.get(_TEXT_KEYS.get(str(part.get("type")), ""))
        if isinstance(text, str):
            yield text


def messages_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the messages of a request as they were sent."""
    return objects_in(body.get("messages"))


def is_plain(messages: Sequence[Mapping[str, Any]], most: int, longest: int) -> bool:
    """Tell whether messages are plain texts, within their limits: no parts, names, calls or results.

    Most are, and they need few checks.

    Args:
        messages: Messages of the published shape.
        most: The most messages.
        longest: The most characters of a text.
    """
    if len(messages) > most:
        return False
    for message in messages:
        content = message.get("content")
        if len(message) != _ROLE_AND_CONTENT or not isinstance(content, str) or len(content) > longest:
            return False
        if message["role"] not in _SPEAKERS:
            return False
    return True


def last_of_user(messages: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the last user message, or None."""
    message: dict[str, Any]
    for message in reversed(messages):
        if message.get("role") == "user":
            return message
    return None


def last_user_text(body: Mapping[str, Any]) -> str:
    """Return the text of a request's last user message, or ""."""
    message = last_of_user(messages_of(body))
    return text_of(message.get("content")) if message else ""
