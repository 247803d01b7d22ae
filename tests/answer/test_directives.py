"""Marks in the last user text ask for what plain words cannot."""

import pytest

from chatdouble.answer.directives import Mark, marks_in, marks_of, value_of, without_marks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[[refuse]]", [Mark("refuse", None)]),
        ("Please [[refuse: I will not. ]] now", [Mark("refuse", "I will not.")]),
        ("[[call:look_up]] [[call:write]]", [Mark("call", "look_up"), Mark("call", "write")]),
        ("[[flag:self-harm/intent]]", [Mark("flag", "self-harm/intent")]),
        ("[[finish:content_filter]]", [Mark("finish", "content_filter")]),
        ("[[refuse:]]", [Mark("refuse", None)]),
        ("[[refuse:two\nlines]]", [Mark("refuse", "two\nlines")]),
        ("[[other]] [[refused]] [[1, 2]] [refuse]", []),
        ("[[refuse", []),
        ("", []),
    ],
)
def test_marks_are_found_in_order(text: str, found: list[Mark]) -> None:
    assert marks_in(text) == found


def test_only_the_last_user_text_is_read() -> None:
    messages = [
        {"role": "user", "content": "[[refuse]]"},
        {"role": "assistant", "content": "[[call:f]]"},
        {"role": "user", "content": [{"type": "text", "text": "Hi [[finish:length]]"}]},
        {"role": "tool", "content": "[[refuse]]"},
    ]
    assert marks_of({"messages": messages}) == [Mark("finish", "length")]
    assert marks_of({"messages": []}) == []


def test_a_text_without_its_marks_is_the_words_around_them() -> None:
    assert without_marks("[[call:f]] What now? [[flag:hate]]") == "What now?"
    assert without_marks(" [[1, 2]] ") == "[[1, 2]]"
    assert without_marks(" plain ") == " plain "


def test_the_first_value_of_a_name_is_told() -> None:
    found = marks_in("[[call]] [[call:a]] [[call:b]]")
    assert value_of(found, "call") == "a"
    assert value_of(found, "refuse") is None
