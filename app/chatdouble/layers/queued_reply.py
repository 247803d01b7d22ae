"""Validation and answers of queued replies; imported only when a reply is queued."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.json import as_object, is_object
from chatdouble.scripts.format.conversation import QueuedSpec
from chatdouble.scripts.format.reply import ReplySpec
from chatdouble.scripts.format.ways import misfit
from chatdouble.scripts.matching.asked_for import conditions_of
from chatdouble.scripts.matching.request_view import RequestView
from chatdouble.scripts.reading.load import NO_UPSTREAM
from chatdouble.scripts.reading.mistakes import mistake_lines
from chatdouble.scripts.replying.answering import Answering
from chatdouble.scripts.replying.template_variables import TemplateVariables


def wrong(replies: Sequence[Any], *, has_upstream: bool = True) -> Iterator[str]:
    """Yield the mistakes in replies, one sentence each; see `checked_replies`."""
    for position, given in enumerate(replies):
        whole = _with_conditions(given)
        yield from mistake_lines(ReplySpec if whole is None else QueuedSpec, given, "queue", position)
        reply, inside = (given, "") if whole is None else (whole.get("reply"), ".reply")
        if not has_upstream and as_object(reply).get("upstream") is True:
            yield f"queue[{position}]{inside}.upstream: {NO_UPSTREAM}"


def _with_conditions(given: Any) -> dict[str, Any] | None:
    """Return a reply that is for some requests only, or for several; None: it is a reply alone."""
    return given if is_object(given) and ("reply" in given or "when" in given) else None


def times_of(given: Any) -> int:
    """Return the number of requests that a reply answers."""
    whole = _with_conditions(given)
    return 1 if whole is None else int(whole.get("times", 1))


def once(given: Any) -> Any:
    """Return a reply as it waits for one request."""
    whole = _with_conditions(given)
    return given if whole is None else {key: value for key, value in whole.items() if key != "times"}


_FEW: Final = 20
"""The replies that are looked at in a millisecond."""


async def first_for(call: Call, waiting: Sequence[Any]) -> Any:
    """Return the first of queued replies that is for a request; None: there is none."""
    look = call.apart if len(waiting) <= _FEW else call.in_thread
    return await look(lambda: next(filter(_for_request(call), waiting), None))


def _for_request(call: Call) -> Callable[[Any], bool]:
    """Return a function that tells whether a queued reply is for a request."""
    view = RequestView(call)

    def fits(given: Any) -> bool:
        whole = _with_conditions(given)
        reply = given if whole is None else whole["reply"]
        # Vectors are for embeddings, and texts for conversations.
        if misfit(call.api, ReplySpec.model_validate(reply)) is not None:
            return False
        return whole is None or conditions_of(whole).holds(view)

    return fits


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
    whole, view = _with_conditions(given), RequestView(call)
    reply, captures = (
        (given, {}) if whole is None else (whole["reply"], await call.apart(conditions_of(whole).captures, view))
    )
    variables = TemplateVariables(view, captures, used - 1, f"queued {used}")
    where = f"queued reply {used}"
    return await Answering(ReplySpec.model_validate(reply), variables, other, lambda: where).answer()
