"""The texts of a request's messages, whatever form their content has."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chatdouble.core.json import objects_in

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
    for part in objects_in(content):
        text = part.get(_TEXT_KEYS.get(str(part.get("type")), ""))
        if isinstance(text, str):
            yield text


def messages_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a request's messages as they were sent."""
    return objects_in(body.get("messages"))


def last_of_user(messages: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the last message of a user, or None."""
    for place in range(len(messages) - 1, -1, -1):
        if messages[place].get("role") == "user":
            return messages[place]
    return None


def last_user_text(body: Mapping[str, Any]) -> str:
    """Return the text of a request's last message of a user, or ""."""
    said = last_of_user(messages_of(body))
    return text_of(said.get("content")) if said else ""
