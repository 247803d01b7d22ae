"""A prediction's tokens are accepted where they are in the output."""

from collections.abc import Sequence
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls import TOKENIZERS
from chatdouble.tokens.prediction import accepted_and_rejected

TOKENIZER = TOKENIZERS["o200k_base"]


def judged(prediction: str, output: str) -> tuple[int, int]:
    return accepted_and_rejected({"prediction": {"type": "content", "content": prediction}}, output, TOKENIZER)


@pytest.mark.parametrize(
    ("prediction", "output", "accepted", "rejected"),
    [
        ("one two three", "one two three", 3, 0),
        ("one two three", "one six three", 2, 1),
        (" one two three", "zero one two three four", 3, 0),
        ("one two three", "", 0, 3),
        ("", "one", 0, 0),
        (" word" * 3000, " word" * 3000, 3000, 0),
        (" word" * 3000, " word" * 3001, 3000, 0),
    ],
)
def test_tokens_that_came_true_are_accepted(prediction: str, output: str, accepted: int, rejected: int) -> None:
    assert judged(prediction, output) == (accepted, rejected)


@given(st.text(), st.text())
def test_every_token_is_either_accepted_or_rejected(prediction: str, output: str) -> None:
    accepted, rejected = judged(prediction, output)
    assert accepted >= 0
    assert rejected >= 0
    assert accepted + rejected == TOKENIZER.count(prediction)


@given(st.text())
def test_a_prediction_that_came_true_is_accepted_whole(text: str) -> None:
    assert judged(text, text) == (TOKENIZER.count(text), 0)


def test_long_texts_that_differ_much_are_compared_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []

    class Noted(SequenceMatcher[int]):
        def __init__(self, junk: None, one: Sequence[int], other: Sequence[int]) -> None:
            lengths.extend((len(one), len(other)))
            super().__init__(junk, one, other)

    monkeypatch.setattr("chatdouble.tokens.prediction.SequenceMatcher", Noted)
    one = " ".join(f"{number * 7919 % 101}" for number in range(10_000))
    other = "x " + " ".join(f"{number * 7907 % 101}" for number in range(10_000)) + " y"
    accepted, rejected = judged(one, other)
    assert accepted + rejected == TOKENIZER.count(one)
    assert accepted > 0
    assert max(lengths) <= 256
