"""Composition of the answer to a request for embeddings."""

import gc
from collections.abc import Sequence
from typing import Final

from chatdouble.answer.vectors import in_base64, vector
from chatdouble.backend import Call
from chatdouble.core.errors import APIError
from chatdouble.schema.embeddings import Embedding, EmbeddingList, EmbeddingRequest, EmbeddingUsage
from chatdouble.tokens.inputs import texts_of

_AT_ONCE: Final = 10_000
"""Characters whose vectors take a few milliseconds; those of more are made in a thread."""


_MOST_NUMBERS: Final = 8_000_000
"""The most numbers of an answer: 2,048 inputs, the most that the API takes, have 6,291,456 at most."""

_BETWEEN_COLLECTIONS: Final = 100
"""Vectors after which garbage is collected. A collection looks at each number that came since the last one, while
everybody waits, and Python would have one after 2,000 vectors."""

_DEFAULT_DIMENSIONS: Final = 1536
"""The dimensions of a model that makes no embeddings, where validation lets it."""


async def embeddings(call: Call[EmbeddingRequest]) -> EmbeddingList:
    """Return the vectors of a call's inputs."""
    texts = await call.apart(texts_of, call.request, call.services.tokens[call.model.encoding])
    return await embeddings_like(call, texts)


async def embeddings_like(call: Call[EmbeddingRequest], texts: Sequence[str]) -> EmbeddingList:
    """Return the vectors of texts as the answer to a call.

    Args:
        call: The call.
        texts: A text for each input; the last one stands for all further inputs.

    Raises:
        APIError: The answer would be too long.
    """
    most = call.model.dimensions or _DEFAULT_DIMENSIONS
    dimensions = min(call.request.dimensions or most, most)
    if (numbers := dimensions * len(call.request.inputs())) > _MOST_NUMBERS:
        # Only lenient validation lets so many inputs pass.
        raise APIError(
            f"This answer would have {numbers} numbers. This server makes up to {_MOST_NUMBERS}; send fewer inputs.",
            param="input",
        )
    if sum(map(len, texts)) + dimensions * len(texts) // 10 <= _AT_ONCE:
        return _made(call, texts, dimensions)
    call.delivery.is_long = True
    return await call.in_thread(_made, call, texts, dimensions)


def _made(call: Call[EmbeddingRequest], texts: Sequence[str], dimensions: int) -> EmbeddingList:
    vectors: list[list[float]] = []
    for text in texts:
        vectors.append(vector(text, dimensions))
        if len(vectors) % _BETWEEN_COLLECTIONS == 0:
            gc.collect(0)
    return listed(call, vectors)


def listed(call: Call[EmbeddingRequest], vectors: Sequence[list[float]]) -> EmbeddingList:
    """Return vectors as the answer to a call.

    Args:
        call: The call.
        vectors: A vector for each input; the last one stands for all further inputs.
    """
    request, used = call.request, call.prompt_tokens or 0
    shown: list[list[float] | str] = [*vectors]
    if request.encoding_format == "base64":
        shown = [in_base64(one) for one in vectors]
    last = len(shown) - 1
    data: list[Embedding] = [
        {"object": "embedding", "index": at, "embedding": shown[min(at, last)]} for at in range(len(request.inputs()))
    ]
    usage: EmbeddingUsage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "data": data, "model": call.model.snapshot, "usage": usage}


_NUMBERS_KEPT: Final = 3
_CHARACTERS_KEPT: Final = 16


def abridged(answer: EmbeddingList) -> EmbeddingList:
    """Return an answer with the beginnings of its vectors alone, for the journal."""
    data: list[Embedding] = [
        {
            **one,
            "embedding": one["embedding"][: _CHARACTERS_KEPT if isinstance(one["embedding"], str) else _NUMBERS_KEPT],
        }
        for one in answer["data"]
    ]
    return {**answer, "data": data}
