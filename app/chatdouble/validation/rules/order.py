"""Rules for the order of messages. The API checks them last, and writes `messages.[1].role`."""

from collections.abc import Iterator
from typing import Any

from chatdouble.core.errors import APIError
from chatdouble.validation import wording
from chatdouble.validation.rules.rule import Subject


def content(subject: Subject) -> Iterator[APIError]:
    """Require content in an assistant's message without calls (rules#message-order)."""
    for place, message in enumerate(subject.body["messages"]):
        if (
            message["role"] == "assistant"
            and message.get("content") is None
            and not any(message.get(key) for key in ("tool_calls", "function_call", "audio", "refusal"))
        ):
            yield wording.no_content(place)


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
            yield APIError(
                "Invalid parameter: messages with role 'tool' cannot be used when 'functions' are present",
                param=f"messages.[{place}].role",
            )


def _ids(message: dict[str, Any]) -> list[str]:
    if message["role"] != "assistant":
        return []
    return [call["id"] for call in message.get("tool_calls") or ()]


def _answer(place: int, answers_to: str, called: list[str], answered: dict[str, int]) -> Iterator[APIError]:
    if not called:
        yield APIError(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with "
            "'tool_calls'.",
            param=f"messages.[{place}].role",
        )
    elif answers_to in answered:
        yield APIError(
            f"Invalid parameter: Duplicate value for 'tool_call_id' of '{answers_to}', "
            f"in messages[{answered[answers_to]}] and messages[{place}].",
            param=f"messages.[{place}].tool_call_id",
        )
    elif answers_to not in called:
        yield APIError(
            f"Invalid parameter: 'tool_call_id' of '{answers_to}' not found in 'tool_calls' of previous message.",
            param=f"messages.[{place}].tool_call_id",
        )


def _unanswered(place: int | None, called: list[str], answered: dict[str, int]) -> Iterator[APIError]:
    """Yield an error if calls have no tool message before a message, or before the end (None)."""
    left = [call for call in called if call not in answered]
    if left:
        yield APIError(
            "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
            f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(left)}",
            param="messages" if place is None else f"messages.[{place}].role",
        )
