"""Messages and their parts of wrong shapes, and what the API says to them (errors#sentences, errors#content)."""

from typing import Any

import pytest

from saying import USER, said


@pytest.mark.parametrize("role", ["assistant", "system", "developer"])
def test_an_image_is_only_for_the_user(role: str) -> None:
    image = {"type": "image_url", "image_url": {"url": "https://x.test"}}
    assert said(messages=[{"role": role, "content": [image], "tool_call_id": "c"}]) == (
        (
            "Invalid 'messages[0]'. Image URLs are only allowed for messages with role 'user', "
            f"but this message with role '{role}' contains an image URL."
        ),
        "messages[0]",
        "invalid_value",
    )


@pytest.mark.parametrize("kind", ["input_audio", "file", "refusal"])
def test_a_part_that_exists_but_not_for_this_role_is_blamed_on_the_message(kind: str) -> None:
    assert said(messages=[{"role": "tool", "content": [{"type": kind}], "tool_call_id": "c"}]) == (
        "Invalid 'messages[0]'. Content blocks are expected to be either text or image_url type.",
        "messages[0]",
        "invalid_value",
    )


EMPTY_MESSAGES: list[Any] = [
    {"role": "user"},
    {"role": "user", "content": None},
    {"role": "system", "audio": {"id": "a"}},
    {"role": "tool", "tool_call_id": "c", "refusal": "no"},
    {"role": "assistant", "tool_calls": None},
]


@pytest.mark.parametrize("message", EMPTY_MESSAGES)
def test_a_message_without_content_is_found_last_and_written_with_a_dot(message: dict[str, Any]) -> None:
    expected = ("Invalid value for 'content': expected a string, got null.", "messages.[1].content", None)
    assert said(messages=[USER, message]) == expected
    later = said(messages=[USER, message], parallel_tool_calls=True)
    assert later is not None
    assert later[1] == "parallel_tool_calls"


def test_a_message_without_what_its_role_needs_is_found_last_too() -> None:
    assert said(messages=[USER, {"role": "tool", "content": "4"}]) == (
        "Missing parameter 'tool_call_id': messages with role 'tool' must have a 'tool_call_id'.",
        "messages.[1].tool_call_id",
        None,
    )
    assert said(messages=[{"role": "function", "content": "4"}]) == (
        "Missing parameter 'name': messages with role 'function' must have a 'name'.",
        "messages.[0].name",
        None,
    )


UNKNOWN_KEYS: list[Any] = [
    ({"stream": True, "stream_options": {"bogus": 1}}, "stream_options.bogus", ""),
    (
        {"stream_options": {"include_usag": 1}},
        "stream_options.include_usag",
        " Did you mean 'stream_options.include_usage'?",
    ),
    (
        {"messages": [{"role": "developer", "content": [{"type": "text", "text": "x", "cache_control": {}}]}]},
        "messages[0].content[0].cache_control",
        "",
    ),
    ({"response_format": {"type": "json_object", "schema": {}}}, "response_format.schema", ""),
]


@pytest.mark.parametrize(("fields", "path", "hint"), UNKNOWN_KEYS)
def test_an_unknown_key_inside_an_object_is_named_by_its_path(fields: dict[str, Any], path: str, hint: str) -> None:
    assert said(**fields) == (f"Unknown parameter: '{path}'.{hint}", path, "unknown_parameter")


def test_unknown_keys_are_borne_in_messages_and_in_the_parts_of_system_messages() -> None:
    part = {"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}}
    assert said(messages=[{**USER, "mood": "glad"}, {"role": "system", "content": [part]}]) is None
