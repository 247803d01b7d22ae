"""Rules for the order of messages. The API checks them last, and writes `messages.[1].role`."""

from collections.abc import Iterator
from typing import Any

from chatdouble.core.errors import APIError
from chatdouble.validation.rules.rule import Subject
from chatdouble.validation.wording import messages


def content(subject: Subject) -> Iterator[APIError]:
    """Require content in an assistant's message without calls (rules#message-order)."""
    for place, message in enumerate(subject.body["messages"]):
        if (
            message["role"] == "assistant"
            and message.get("content") is None
            and not any(message.get(key) for key in ("tool_calls", "function_call", "audio", "refusal"))
        ):
            yield messages.no_content(place)


def answers(subject: Subject) -> Iterator[APIError]:
    """Require that tool messages follow each call at once, and follow nothing else (rules#message-order)."""
    called: list[str] = []
    answered: dict[str, int] = {}
    for place, message in enumerate(subject.body["messages"]):
        if message["role"] == "tool":
            yield from _answer(place, message["tool_call_id"], called, answered)
            answered[message["tool_call_id"]] = place
            continue
        yield from _unanswered(place, called, answered)
        called, answered = _ids(message), {}
    yield from _unanswered(None, called, answered)


def no_tools_with_functions(subject: Subject) -> Iterator[APIError]:
    """Refuse tool messages in requests with legacy `functions`."""
    if not subject.body.get("functions"):
        return
    for place, message in enumerate(subject.body["messages"]):
        if message["role"] == "tool":
            yield messages.tool_beside_functions(place)


def _ids(message: dict[str, Any]) -> list[str]:
    if message["role"] != "assistant":
        return []
    return [call["id"] for call in message.get("tool_calls") or ()]


def _answer(place: int, answers_to: str, called: list[str], answered: dict[str, int]) -> Iterator[APIError]:
    if not called:
        yield messages.tool_without_call(place)
    elif answers_to in answered:
        yield messages.answered_twice(answers_to, answered[answers_to], place)
    elif answers_to not in called:
        yield messages.no_such_call(answers_to, place)


def _unanswered(place: int | None, called: list[str], answered: dict[str, int]) -> Iterator[APIError]:
    """Yield an error if calls have no tool message before a message, or before the end (None)."""
    left = [call for call in called if call not in answered]
    if left:
        yield messages.unanswered(left, place)
