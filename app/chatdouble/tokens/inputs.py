"""The inputs of a request for embeddings: their texts and their tokens."""

from collections.abc import Iterator
from typing import Final

from chatdouble.schema.embeddings import EmbeddingRequest
from chatdouble.tokens.tokenizer import Tokenizer

_LONGEST_TOKEN: Final = 128
"""Characters of the vocabulary's longest token, which is made of spaces."""


def texts_of(request: EmbeddingRequest, tokenizer: Tokenizer) -> list[str]:
    """Return the text of each input; tokens are decoded, and those that the vocabulary does not have are left out."""
    return [one if isinstance(one, str) else tokenizer.decode(one) for one in request.inputs()]


def counts_of(request: EmbeddingRequest, tokenizer: Tokenizer, limit: int) -> Iterator[int]:
    """Yield the tokens of each input, at least 1.

    Args:
        request: The request.
        tokenizer: The model's tokenizer.
        limit: The most tokens that matter; a text that certainly has more is not counted and yields one more.
    """
    for one in request.inputs():
        if not isinstance(one, str):
            yield len(one)
        elif len(one) > limit * _LONGEST_TOKEN:
            yield limit + 1
        else:
            yield max(tokenizer.count(one), 1)
