"""Texts of the real API in which the known kinds of secrets find nothing that is none."""

import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from chatdouble.core.json import is_array, is_object
from chatdouble.recordings.redaction import Scrubber
from corpora import REFERENCE, full_corpora

CORPUS = Path(__file__).parents[1] / "corpus"
SECRETS = ("org-", "proj_", "sk-bread-of-rye-")
"""The secrets that recorded errors do have: ids of accounts and a key."""


def texts_in(value: Any) -> Iterator[str]:
    """Return the texts in a JSON value, keys too."""
    if isinstance(value, str):
        yield value
    elif is_object(value):
        yield from value
        yield from chain.from_iterable(map(texts_in, value.values()))
    elif is_array(value):
        yield from chain.from_iterable(map(texts_in, value))


def found_in(file: Path) -> list[str]:
    """Return what is taken for a secret in the lines of a file, besides those that are."""
    scrubber = Scrubber()
    lines = file.read_text().splitlines()
    texts = chain.from_iterable(texts_in(json.loads(line)) if file.suffix == ".jsonl" else [line] for line in lines)
    found = (text[start:end] for text in texts for start, end in scrubber.spans(text))
    return [secret for secret in found if not secret.startswith(SECRETS)]


@pytest.mark.parametrize("file", sorted(CORPUS.rglob("*.yaml")), ids=lambda file: file.stem)
def test_nothing_in_the_corpus_is_taken_for_a_secret(file: Path) -> None:
    assert found_in(file) == []


@full_corpora
def test_of_all_that_was_recorded_one_text_is_taken_for_a_secret() -> None:
    found = [found_in(file) for file in sorted(REFERENCE.glob("*.jsonl"))]
    # An encrypted reasoning item, cut after as many characters as an AWS secret key has.
    assert [secret[:7] for secret in chain.from_iterable(found)] == ["gAAAAAB"]
