"""The API's sentences about messages: their content, their order, their calls, and their length."""

from collections.abc import Sequence

from chatdouble.core.errors import APIError
from chatdouble.validation.wording import joined


def misplaced_part(place: int) -> APIError:
    """Return the error of a content part that a message cannot have (errors#content)."""
    return APIError(
        f"Invalid 'messages[{place}]'. Content blocks are expected to be either text or image_url type.",
        param=f"messages[{place}]",
        code="invalid_value",
    )


def misplaced_image(place: int, role: str) -> APIError:
    """Return the error of an image in a message that is not the user's (errors#content)."""
    return APIError(
        f"Invalid 'messages[{place}]'. Image URLs are only allowed for messages with role 'user', "
        f"but this message with role '{role}' contains an image URL.",
        param=f"messages[{place}]",
        code="invalid_value",
    )


def no_content(place: int) -> APIError:
    """Return the error of a message that needs content and has none (errors#content)."""
    return APIError("Invalid value for 'content': expected a string, got null.", param=f"messages.[{place}].content")


def missing_of_role(place: int, role: str, name: str) -> APIError:
    """Return the error of a message without a field that its role needs (rules#message-order)."""
    return APIError(
        f"Missing parameter '{name}': messages with role '{role}' must have a '{name}'.",
        param=f"messages.[{place}].{name}",
    )


def tool_beside_functions(place: int) -> APIError:
    """Return the error of a tool's message in a request with legacy functions (rules#message-order)."""
    return APIError(
        "Invalid parameter: messages with role 'tool' cannot be used when 'functions' are present",
        param=f"messages.[{place}].role",
    )


def tool_without_call(place: int) -> APIError:
    """Return the error of a tool's message that follows no calls (rules#message-order)."""
    return APIError(
        "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        param=f"messages.[{place}].role",
    )


def answered_twice(call_id: str, before: int, place: int) -> APIError:
    """Return the error of a call that two messages answer (rules#message-order)."""
    return APIError(
        f"Invalid parameter: Duplicate value for 'tool_call_id' of '{call_id}', "
        f"in messages[{before}] and messages[{place}].",
        param=f"messages.[{place}].tool_call_id",
    )


def no_such_call(call_id: str, place: int) -> APIError:
    """Return the error of a tool's message for a call that was not made (rules#message-order)."""
    return APIError(
        f"Invalid parameter: 'tool_call_id' of '{call_id}' not found in 'tool_calls' of previous message.",
        param=f"messages.[{place}].tool_call_id",
    )


def unanswered(call_ids: Sequence[str], place: int | None) -> APIError:
    """Return the error of calls without an answer before a message, or before the end (None; rules#message-order)."""
    return APIError(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        f"'tool_call_id'. The following tool_call_ids did not have response messages: {', '.join(call_ids)}",
        param="messages" if place is None else f"messages.[{place}].role",
    )


def no_word_json() -> APIError:
    """Return the error of `json_object` without the word JSON in the messages (rules#response-formats)."""
    return APIError(
        "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
        param="messages",
    )


def audio_not_found(place: int, audio: str) -> APIError:
    """Return the error of an audio output that no answer had, or that has expired (requests#audio)."""
    return APIError(
        f"Assistant audio {audio} not found.", param=f"content.messages[{place}].audio.id", code="audio_not_found"
    )


def over_input_limit(limit: int, total: int) -> APIError:
    """Return the error of messages that have more tokens than a model reads (errors#context-length)."""
    return _too_long(
        f"Input tokens exceed the configured limit of {limit} tokens. "
        f"Your messages resulted in {total} tokens. Please reduce the length of the messages."
    )


def over_context(window: int, total: int) -> APIError:
    """Return the error of messages that have more tokens than a context window (errors#context-length)."""
    return over_window(window, f"your messages resulted in {total} tokens", ["messages"])


def over_window(window: int, found: str, causes: Sequence[str]) -> APIError:
    """Return the error of a request that does not fit into a context window (errors#context-length).

    Args:
        window: The tokens of the window.
        found: What the request comes to, in words.
        causes: The parts of it that could be shorter.
    """
    return _too_long(
        f"This model's maximum context length is {window} tokens. However, {found}. "
        f"Please reduce the length of the {joined(causes, 'or')}."
    )


def _too_long(message: str) -> APIError:
    return APIError(message, param="messages", code="context_length_exceeded")
