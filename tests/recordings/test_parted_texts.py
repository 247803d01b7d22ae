"""Secrets that begin in one part of a text and end in a later one."""

from collections.abc import Sequence
from typing import Any

import pytest

from chatdouble.recordings.redaction import Scrubber
from chatdouble.recordings.secret_kinds import REDACTED

KEY = "sk-proj-abcDEF0123456789abcDEF0123456789"
CUTS = [(3,), (12,), (20,), (12, 20), tuple(range(1, len(KEY)))]


def parts_of(key: str, cuts: Sequence[int]) -> list[str]:
    return [key[start:end] for start, end in zip((0, *cuts), (*cuts, len(key)), strict=True)]


def sent(kind: str, texts: Sequence[str], **fields: Any) -> dict[str, Any]:
    """Return a request whose first message has these parts, and a second one that has others."""
    parts = [{"type": kind, "text": text, **fields} for text in texts]
    return {"messages": [{"role": "user", "content": parts}, {"role": "user", "content": [parts[-1], 7]}]}


@pytest.mark.parametrize("cuts", CUTS, ids=lambda cuts: f"{len(cuts)} cuts, the first at {cuts[0]}")
@pytest.mark.parametrize("fields", [{}, {"annotations": [], "logprobs": []}, {"cache_control": {"type": "ephemeral"}}])
def test_a_secret_that_is_split_over_parts_is_redacted(cuts: Sequence[int], fields: dict[str, Any]) -> None:
    first, *rest = parts_of(KEY, cuts)
    given = sent("input_text", [f"It is {first}", *rest, ". Use it."], **fields)
    expected = sent("input_text", [f"It is {REDACTED}", *("" for _ in rest), ". Use it."], **fields)
    assert Scrubber().value(given) == expected
    assert Scrubber().value(given, is_large=True) == expected


def test_the_rest_of_a_part_stays_and_so_do_other_parts() -> None:
    image = {"type": "image_url", "image_url": {"url": "https://x.example"}}
    content = [{"type": "text", "text": "a " + KEY[:9]}, {"type": "text", "text": KEY[9:] + " b"}, image]
    found = Scrubber().value([{"content": content}])
    assert found == [{"content": [{"type": "text", "text": f"a {REDACTED}"}, {"type": "text", "text": " b"}, image]}]


def test_known_values_are_found_in_parts() -> None:
    given = sent("text", ["my-own-", "word-of-8 4"])
    assert Scrubber(known=["my-own-word-of-8"]).value(given) == sent("text", [REDACTED, " 4"]) | {
        "messages": [sent("text", [REDACTED, " 4"])["messages"][0], given["messages"][1]]
    }


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": KEY[:9]}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": KEY[9:]}],
        [{"type": "text", "text": "Use sk-learn"}, {"type": "text", "text": "ing and more 2024"}],
        [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
        [{"type": "text", "text": 4}, {"text": KEY[:9]}, {"text": KEY[9:]}, "text", None],
    ],
)
def test_texts_that_are_no_parts_of_one_text_stay(content: list[Any]) -> None:
    given = {"content": content, "more": [KEY[:9], KEY[9:]]}
    assert Scrubber().value(given) is given


def test_a_word_behind_a_secret_is_no_part_of_it() -> None:
    found = Scrubber().value(sent("text", [f"It is {KEY}", "What is it?"]))
    assert [part["text"] for part in found["messages"][0]["content"]] == [f"It is {REDACTED}", "What is it?"]
