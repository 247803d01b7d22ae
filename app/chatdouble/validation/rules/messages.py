"""Rules for single messages: names, lengths, repeated calls, roles and parts."""

import re
from collections.abc import Iterator
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.validation import wording
from chatdouble.validation.rules.limits import LONGEST_NAME, at_most, name
from chatdouble.validation.rules.rule import Subject

MOST: Final = 2048
"""Most messages in a request."""

MOST_CALLS: Final = 128
_LONGEST_ID: Final = 40
_ROLE_AND_CONTENT: Final = 2
_AUTHOR: Final = r"^[^\s<|\\/>]+$"


def messages(subject: Subject) -> Iterator[APIError]:
    """Limit messages to 2048, and the lengths of texts, names, calls and call ids.

    A text has at most 1,048,576 characters (rules#limits), ten times that for models with a context window of
    more than 200,000 tokens.
    """
    given: list[dict[str, Any]] = subject.body["messages"]
    if len(given) > MOST:
        yield wording.too_long("messages", given, MOST, "array")
    longest = subject.model.longest_text
    for place, message in enumerate(given):
        path = f"messages[{place}]"
        content = message.get("content")
        if isinstance(content, str):
            yield from at_most(f"{path}.content", content, longest)
        if len(message) > _ROLE_AND_CONTENT or "content" not in message:
            yield from _details(path, message)


def _details(path: str, message: dict[str, Any]) -> Iterator[APIError]:
    author = message.get("name")
    if isinstance(author, str):
        yield from _author(f"{path}.name", author)
    if message["role"] == "assistant" and message.get("tool_calls") is not None:
        yield from _calls(f"{path}.tool_calls", message["tool_calls"])
    if message["role"] == "tool" and isinstance(message.get("tool_call_id"), str):
        yield from at_most(f"{path}.tool_call_id", message["tool_call_id"], _LONGEST_ID)


def _author(path: str, author: str) -> Iterator[APIError]:
    r"""Check an author's name: 1 to 64 characters without white space and `<|\\/>`."""
    if not author:
        yield wording.empty(path, "string")
    elif len(author) > LONGEST_NAME:
        yield wording.too_long(path, author, LONGEST_NAME, "string")
    elif not re.fullmatch(_AUTHOR, author):
        yield wording.mismatch(path, _AUTHOR)


def _calls(path: str, calls: list[dict[str, Any]]) -> Iterator[APIError]:
    """Check repeated calls: 1 to 128, ids of 1 to 40 characters, names as in tools (rules#limits)."""
    if not calls:
        yield wording.empty(path, "array")
    if len(calls) > MOST_CALLS:
        yield wording.too_long(path, calls, MOST_CALLS, "array")
    for place, call in enumerate(calls):
        if not call["id"]:
            yield wording.empty(f"{path}[{place}].id", "string")
        yield from at_most(f"{path}[{place}].id", call["id"], _LONGEST_ID)
        kind: str = call["type"]
        yield from name(f"{path}[{place}].{kind}.name", call[kind]["name"])


def roles(subject: Subject) -> Iterator[APIError]:
    """Refuse roles a model does not know: `function` on reasoning models, `system` on o1-mini (rules#model-rules)."""
    for place, message in enumerate(subject.body["messages"]):
        if message["role"] in subject.model.refused_roles:
            yield wording.unsupported_value(f"messages[{place}].role", message["role"])


def data(subject: Subject) -> Iterator[APIError]:
    """Check that images and files are data URLs of their kinds."""
    return _media(subject, shallow=True)


def parts(subject: Subject) -> Iterator[APIError]:
    """Check that the model takes images, audio and files, and that their bytes have the format they name."""
    return _media(subject, shallow=False)


def _media(subject: Subject, *, shallow: bool) -> Iterator[APIError]:
    """Yield the first fault of the messages' parts, if any message has parts."""
    if any(isinstance(message.get("content"), list) for message in subject.body["messages"]):
        from chatdouble.validation import media  # noqa: PLC0415 - for who sends parts

        try:
            (media.check_data if shallow else media.check)(subject.body, subject.model)
        except APIError as error:
            yield error
