"""The texts of messages, in any form of content, and the directives in them, such as `[[refuse]]`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from chatdouble.core.json import objects_in

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


def last_of_user(messages: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the last user message, or None."""
    message: dict[str, Any]
    for message in reversed(messages):
        if message.get("role") == "user":
            return message
    return None


def since_last_user(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the messages after the last user message, or all messages if there is none."""
    messages = messages_of(body)
    places = [place for place, message in enumerate(messages) if message.get("role") == "user"]
    return messages[places[-1] + 1 :] if places else messages


def last_user_text(body: Mapping[str, Any]) -> str:
    """Return the text of a request's last user message, or ""."""
    message = last_of_user(messages_of(body))
    return text_of(message.get("content")) if message else ""


DIRECTIVES: Final[Mapping[str, str]] = {
    "refuse": "answer with a refusal, whose text may follow a colon",
    "call": "call the tool whose name follows the colon",
    "flag": "let moderation flag the category that follows the colon",
    "finish": "end with the finish_reason that follows the colon",
}
"""Every directive with its description in the documentation."""

_OPENING: Final = rf"\[\[\s*({'|'.join(DIRECTIVES)})\s*(?::|(\]\]))"
"""The beginning of a directive with a value, or one without a value as a whole."""
_MOST: Final = 1000
"""The directives of a text; further ones are plain text."""


class Directive(NamedTuple):
    """A directive.

    Attributes:
        name: A key of `DIRECTIVES`.
        value: The text after the colon without the spaces around it, or None if there is none.
    """

    name: str
    value: str | None


def directives_in(text: str) -> list[Directive]:
    """Return the directives in a text, in order. Other double brackets are plain text."""
    return [directive for _, _, directive in _placed(text)] if "[[" in text else []


def without_directives(text: str) -> str:
    """Return a text without its directives and without the spaces that they leave at its ends."""
    if "[[" not in text:
        return text
    kept: list[str] = []
    at = 0
    for start, end, _ in _placed(text):
        kept.append(text[at:start])
        at = end
    return "".join((*kept, text[at:])).strip()


def _placed(text: str) -> Iterator[tuple[int, int, Directive]]:
    """Yield the directives in a text with their starts and ends."""
    at, opening = 0, re.compile(_OPENING)
    for _ in range(_MOST):
        found = opening.search(text, at)
        if found is None:
            return
        # Not by the expression: it would look to the end of the text from each directive that is not closed.
        at = found.end() if found[2] else text.find("]]", found.end()) + len("]]")
        if at < found.end():
            return
        value = None if found[2] else text[found.end() : at - len("]]")].strip() or None
        yield found.start(), at, Directive(found[1], value)


def value_of(directives: list[Directive], name: str) -> str | None:
    """Return the first value of the directives with a name, or None."""
    return next((one.value for one in directives if one.name == name and one.value), None)
