"""Validation and answers of queued replies; imported only when a reply is queued."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.json import as_object
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.ways import misfit
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.load import NO_UPSTREAM
from chatdouble.scripts.reading.mistakes import mistake_lines
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables


def wrong(replies: Sequence[Any], *, has_upstream: bool = True) -> Iterator[str]:
    """Yield the mistakes in replies, one sentence each; see `checked_replies`."""
    for position, given in enumerate(replies):
        yield from mistake_lines(ReplySpec, given, "queue", position)
        if not has_upstream and as_object(given).get("upstream") is True:
            yield f"queue[{position}].upstream: {NO_UPSTREAM}"


def fits(api: str, given: Any) -> bool:
    """Tell whether a queued reply is for a request to an API: vectors are for embeddings, texts for conversations."""
    return misfit(api, ReplySpec.model_validate(given)) is None


async def answer(call: Call, given: Any, used: int, other: Callable[[str], Backend]) -> Reply:
    """Answer a call with a queued reply.

    Args:
        call: The call.
        given: The reply as it was queued.
        used: Its number among the session's queued replies, from 1.
        other: Returns another backend by its name, for replies that name one.

    Raises:
        APIError: The reply is an error, or cannot be composed.
    """
    variables = TemplateVariables(RequestView(call), {}, used - 1, f"queued {used}")
    where = f"queued reply {used}"
    return await Answering(ReplySpec.model_validate(given), variables, other, lambda: where).answer()
