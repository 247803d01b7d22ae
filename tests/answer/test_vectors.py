"""Vectors: near for texts that are alike, far for others, the same for the same text."""

import hashlib
import json
from collections.abc import Iterator
from itertools import combinations
from math import fsum, sqrt
from pathlib import Path
from typing import Any, Final

import pytest

from chatdouble.answer.vectors import vector

PAIRS: Final = json.loads(Path(__file__).with_name("pairs.json").read_text("utf-8"))
"""Pairs of sentences that say the same, and sentences that have nothing to do with each other or with any pair."""


def cosine(left: str, right: str, dimensions: int = 1536) -> float:
    return fsum(one * other for one, other in zip(vector(left, dimensions), vector(right, dimensions), strict=True))


def unrelated() -> Iterator[tuple[str, str]]:
    return combinations([*(first for first, _ in PAIRS["alike"]), *PAIRS["unrelated"]], 2)


@pytest.mark.parametrize("dimensions", [1536, 3072])
@pytest.mark.parametrize("pair", PAIRS["alike"], ids=lambda pair: pair[0])
def test_paraphrases_are_near(pair: tuple[str, str], dimensions: int) -> None:
    assert cosine(*pair, dimensions) > 0.3


@pytest.mark.parametrize("dimensions", [1536, 3072])
def test_unrelated_texts_are_far(dimensions: int) -> None:
    assert [pair for pair in unrelated() if cosine(*pair, dimensions) >= 0.1] == []


@pytest.mark.parametrize("text", ["", "?", "a", "Katze", "東京タワー", "\ud800", "word " * 5000])
@pytest.mark.parametrize("dimensions", [1, 2, 256, 1536])
def test_every_vector_is_as_long_as_one_and_always_the_same(text: str, dimensions: int) -> None:
    made = vector(text, dimensions)
    assert len(made) == dimensions
    assert sqrt(fsum(one * one for one in made)) == pytest.approx(1, abs=1e-6)
    assert vector(text, dimensions) == made


def test_case_does_not_matter_and_forms_of_a_word_are_near() -> None:
    assert cosine("Paris", "PARIS") == pytest.approx(1)
    assert cosine("gardening", "gardener") > 0.2


def test_texts_without_spaces_are_compared_by_their_characters() -> None:
    assert cosine("東京タワーの高さ", "東京タワー") > 0.2
    assert cosine("東京タワー", "猫が好き") < 0.1


def test_a_text_without_words_has_its_own_vector() -> None:
    assert cosine("?", "!") < 0.5


def test_further_words_of_a_long_text_count_as_wholes() -> None:
    words = [f"w{number:05}x" for number in range(3000)]
    text = " ".join(words)
    assert cosine(text, f"{text} {' '.join(words[:500])}") > 0.9


def test_the_parts_of_hundreds_of_words_are_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[bytes] = []
    digest = hashlib.blake2b

    def noted(feature: bytes, digest_size: int) -> Any:
        hashed.append(feature)
        return digest(feature, digest_size=digest_size)

    monkeypatch.setattr("chatdouble.answer.vectors.blake2b", noted)
    vector(" ".join(f"word{number:06}" for number in range(5000)), 1536)
    parts = [feature for feature in hashed if len(feature) < 10]
    assert len(parts) == 300 * 9
    assert len(hashed) < 13_000
