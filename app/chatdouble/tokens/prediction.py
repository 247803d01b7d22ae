"""The tokens of a prediction: those that are in the output, and those that are not."""

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any

from chatdouble.core.json import as_object
from chatdouble.schema.texts import text_of
from chatdouble.tokens.tokenizer import Tokenizer


def shared(one: Iterable[object], other: Iterable[object]) -> int:
    """Return how many of the first items are the same."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count


def accepted_and_rejected(body: Mapping[str, Any], output: str, tokenizer: Tokenizer) -> tuple[int, int]:
    """Return how many tokens of the request's prediction are in the output, in order, and how many not.

    Args:
        body: The request as it was sent.
        output: What was answered.
        tokenizer: The model's tokenizer.
    """
    text = text_of(as_object(body.get("prediction")).get("content"))
    predicted, said = tokenizer.encode(text), tokenizer.encode(output)
    begun = shared(predicted, said)
    ended = shared(reversed(predicted[begun:]), reversed(said[begun:]))
    middle = SequenceMatcher(None, predicted[begun : len(predicted) - ended], said[begun : len(said) - ended])
    accepted = begun + ended + sum(block.size for block in middle.get_matching_blocks())
    return accepted, len(predicted) - accepted
