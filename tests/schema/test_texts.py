"""The texts of messages are found, whatever form their content has."""

from typing import Any

import pytest

from chatdouble.schema.texts import last_user_text, text_of


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
