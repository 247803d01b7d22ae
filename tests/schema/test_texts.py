"""The texts of messages are found, whatever form their content has, and the directives in them."""

from typing import Any

import pytest

from chatdouble.schema.texts import (
    Directive,
    directives_in,
    last_user_text,
    text_of,
    value_of,
    without_directives,
)
from echoed import choice


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Hello", "Hello"),
        ([{"type": "text", "text": "one"}, {"type": "text", "text": "two"}], "one\ntwo"),
        ([{"type": "refusal", "refusal": "No."}], "No."),
        ([{"type": "image_url", "image_url": {"url": "text"}}, {"type": "text"}], ""),
        (None, ""),
        (3, ""),
    ],
)
def test_a_contents_text_is_its_texts(content: Any, text: str) -> None:
    assert text_of(content) == text


def test_the_last_user_text_is_the_latest_of_a_user() -> None:
    messages = [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}, {"role": "assistant"}]
    assert last_user_text({"messages": messages}) == "two"
    assert last_user_text({"messages": [{"role": "system", "content": "one"}]}) == ""
    assert last_user_text({}) == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[[refuse]]", [Directive("refuse", None)]),
        ("Please [[refuse: I will not. ]] now", [Directive("refuse", "I will not.")]),
        ("[[call:look_up]] [[call:write]]", [Directive("call", "look_up"), Directive("call", "write")]),
        ("[[flag:self-harm/intent]]", [Directive("flag", "self-harm/intent")]),
        ("[[finish:content_filter]]", [Directive("finish", "content_filter")]),
        ("[[refuse:]]", [Directive("refuse", None)]),
        ("[[refuse:two\nlines]]", [Directive("refuse", "two\nlines")]),
        ("[[other]] [[refused]] [[1, 2]] [refuse]", []),
        ("[[refuse", []),
        ("", []),
    ],
)
def test_directives_are_found_in_order(text: str, found: list[Directive]) -> None:
    assert directives_in(text) == found


async def test_only_the_last_user_text_is_read() -> None:
    messages = [
        {"role": "user", "content": "[[refuse]]"},
        {"role": "assistant", "content": "[[finish:content_filter]]"},
        {"role": "user", "content": [{"type": "text", "text": "Hi [[finish:length]]"}]},
        {"role": "assistant", "content": "[[refuse]]"},
    ]
    made = await choice(messages=messages)
    assert made["finish_reason"] == "length"
    assert made["message"].get("refusal") is None


def test_a_text_without_its_directives_consists_of_the_words_around_them() -> None:
    assert without_directives("[[call:f]] What now? [[flag:hate]]") == "What now?"
    assert without_directives(" [[1, 2]] ") == "[[1, 2]]"
    assert without_directives(" plain ") == " plain "


def test_the_first_value_of_a_name_is_returned() -> None:
    found = directives_in("[[call]] [[call:a]] [[call:b]]")
    assert value_of(found, "call") == "a"
    assert value_of(found, "refuse") is None
