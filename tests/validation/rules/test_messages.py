"""Names in messages, roles a model refuses, parts that are looked into."""

import pytest

from saying import USER, said


@pytest.mark.parametrize("author", ["two words", "a|b", "<a>", "a/b", "a\\b"])
def test_who_is_said_to_speak_has_no_space_and_no_angle(author: str) -> None:
    assert said(messages=[{**USER, "name": author}]) == (
        (
            "Invalid 'messages[0].name': string does not match pattern. "
            r"Expected a string that matches the pattern '^[^\s<|\\/>]+$'."
        ),
        "messages[0].name",
        "invalid_value",
    )


def test_who_is_said_to_speak_has_1_to_64_characters() -> None:
    empty, long = (said(messages=[{**USER, "name": author}]) for author in ("", "a" * 65))
    assert (empty and empty[2], long and long[2]) == ("empty_string", "string_above_max_length")
    assert said(messages=[{**USER, "name": "Zoë.M"}]) is None


def test_a_repeated_call_has_an_id() -> None:
    call = {"id": "", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    answer = said(messages=[{"role": "assistant", "tool_calls": [call]}])
    assert answer is not None
    assert answer[1:] == ("messages[0].tool_calls[0].id", "empty_string")


@pytest.mark.parametrize("role", ["system", "developer"])
def test_o1_mini_is_told_nothing_but_by_the_user(role: str) -> None:
    assert said(model="o1-mini", messages=[{"role": role, "content": "x"}, USER]) == (
        f"Unsupported value: 'messages[0].role' does not support '{role}' with this model.",
        "messages[0].role",
        "unsupported_value",
    )
    assert said(model="o3", messages=[{"role": role, "content": "x"}, USER]) is None


def test_images_are_looked_into() -> None:
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    answer = said(messages=[{"role": "user", "content": [part]}])
    assert answer is not None
    assert answer[2] == "invalid_image_format"


def test_sound_needs_a_model_that_hears() -> None:
    part = {"type": "input_audio", "input_audio": {"data": "", "format": "wav"}}
    answer = said(messages=[{"role": "user", "content": [part]}])
    assert answer is not None
    assert "either text or image_url" in answer[0]
