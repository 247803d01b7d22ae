"""The tokens of a prediction: those that are in the output, and those that are not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from chatdouble.core.json import as_object
from chatdouble.schema.texts import text_of
from chatdouble.tokens.tokenizer import Tokenizer

_MOST_PAIRS: Final = 200_000
"""The pairs of equal tokens up to which texts are compared as a whole: the matcher looks at them again and again."""
_PART: Final = 256
"""The tokens of both texts that are compared with each other otherwise."""


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
    middle = _in_order(predicted[begun : len(predicted) - ended], said[begun : len(said) - ended])
    accepted = begun + ended + middle
    return accepted, len(predicted) - accepted


def _in_order(one: Sequence[int], other: Sequence[int]) -> int:
    """Return how many tokens are in both sequences, in order; long ones that differ much are compared in parts."""
    times = Counter(other)
    step = max(len(one), len(other), 1) if sum(map(times.__getitem__, one)) <= _MOST_PAIRS else _PART
    parts = range(0, min(len(one), len(other)), step)
    return sum(_blocks(one[at : at + step], other[at : at + step]) for at in parts)


def _blocks(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(block.size for block in SequenceMatcher(None, one, other).get_matching_blocks())
