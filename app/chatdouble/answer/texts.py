"""The texts of a request's messages, whatever form their content has."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_TEXT_KEYS: Final = {"text": "text", "refusal": "refusal"}


def text_of(content: Any) -> str:
    """Return the text of a message's content: a string, parts whose texts follow each other, or none.

    Args:
        content: A message's `content` as it was sent.
    """
    if isinstance(content, str):
        return content
    return "\n".join(parts_texts(content))


def parts_texts(content: Any) -> Iterator[str]:
    """Yield the texts of the text and refusal parts of a message's content."""
    for part in content if isinstance(content, list) else ():
        key = _TEXT_KEYS.get(str(part.get("type"))) if isinstance(part, dict) else None
        if key and isinstance(part.get(key), str):
            yield part[key]


def messages_of(body: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
    """Return a request's messages as they were sent."""
    messages = body.get("messages")
    return [message for message in messages if isinstance(message, dict)] if isinstance(messages, list) else []


def last_user_text(body: Mapping[str, Any]) -> str:
    """Return the text of a request's last message of a user, or ""."""
    for message in reversed(messages_of(body)):
        if message.get("role") == "user":
            return text_of(message.get("content"))
    return ""
