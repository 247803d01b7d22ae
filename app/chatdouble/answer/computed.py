"""Answers that are computed from the request alone, for APIs without a conversation."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from chatdouble.backend import Answer, Call

Compute = Callable[[Call[Any]], Awaitable[Answer]]


async def _embeddings(call: Call[Any]) -> Answer:
    from chatdouble.answer.embeddings import embeddings  # noqa: PLC0415 - for servers that embed

    return await embeddings(call)


async def _moderations(call: Call[Any]) -> Answer:
    from chatdouble.answer.moderations import moderations  # noqa: PLC0415 - for servers that moderate

    return await moderations(call)


COMPUTED: Final[Mapping[str, Compute]] = {"embeddings": _embeddings, "moderations": _moderations}
"""Functions that compute answers, by the API's name."""
