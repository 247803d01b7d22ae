"""How much of a predicted output came true (reference 2, `prediction`)."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from chatdouble.answer.sequences import shared
from chatdouble.answer.shapes import object_or_empty
from chatdouble.answer.texts import text_of
from chatdouble.tokens import Tokenizer


def accepted_and_rejected(body: Mapping[str, Any], output: str, tokenizer: Tokenizer) -> tuple[int, int]:
    """Return how many tokens of the request's prediction are in the output, in order, and how many not.

    Args:
        body: The request as it was sent.
        output: What was answered.
        tokenizer: The model's tokenizer.
    """
    text = text_of(object_or_empty(body.get("prediction")).get("content"))
    predicted, said = tokenizer.encode(text), tokenizer.encode(output)
    begun = shared(predicted, said)
    ended = shared(reversed(predicted[begun:]), reversed(said[begun:]))
    middle = SequenceMatcher(None, predicted[begun : len(predicted) - ended], said[begun : len(said) - ended])
    accepted = begun + ended + sum(block.size for block in middle.get_matching_blocks())
    return accepted, len(predicted) - accepted
