"""Queued replies: each answers one request that it fits, in order, before any rule."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from itertools import chain, islice
from typing import Any, Final

from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.json import encode, is_array
from chatdouble.core.json_in_steps import encode_in_steps
from chatdouble.state.session import LONGEST_QUEUE

_DESCRIBED: Final = 100
"""The mistakes that an error describes."""

_MOST_BYTES: Final = 64 * 1024 * 1024
"""The bytes of the replies that wait in a session's queue."""

QUEUED: Final = "queue"
"""The rule that the journal names for a queued reply."""


def checked_replies(given: object, *, has_upstream: bool = True) -> list[Any]:
    """Validate replies and return one for each request that they answer.

    Args:
        given: A reply as scripts write it, one for some requests (`{"reply": ..., "when": {...}, "model": ...,
            "times": 2}`), or a list of such.
        has_upstream: Whether the server has an upstream; without one, no reply may ask for it.

    Raises:
        APIError: 400: an item is not a reply, with all mistakes; or they are more than a queue can hold.
    """
    from chatdouble.layers import queued_reply as queued  # noqa: PLC0415 - 0.1 s and 15 MB that most servers never need

    replies: list[Any] = given if is_array(given) else [given]
    if len(replies) > LONGEST_QUEUE:
        raise _too_many()
    mistakes = "\n".join(islice(queued.wrong(replies, has_upstream=has_upstream), _DESCRIBED))
    if mistakes:
        raise APIError(mistakes, param="queue", code="invalid_reply")
    if sum(map(queued.times_of, replies)) > LONGEST_QUEUE:
        raise _too_many()
    return [queued.once(reply) for reply in replies for _ in range(queued.times_of(reply))]


def check_room(waiting: Iterable[Any], replies: Iterable[Any]) -> None:
    """Check that there is room for more replies in a queue; meant for a thread.

    Raises:
        APIError: 400: they would take too many bytes together.
    """
    write = partial(encode, default=repr)
    pieces = chain.from_iterable(encode_in_steps(reply, write) for reply in chain(waiting, replies))
    if sum(map(len, pieces)) > _MOST_BYTES:
        raise APIError(
            f"A queue holds at most {_MOST_BYTES // 1024**2} MiB of replies.", param="queue", code="invalid_reply"
        )


def _too_many() -> APIError:
    return APIError(f"A queue holds at most {LONGEST_QUEUE} replies.", param="queue", code="invalid_reply")


class Queued:
    """A layer in which queued replies answer before the backend.

    Args:
        backend: The backend, which answers when no reply waits.
        other: Returns another backend by its name (`echo`, `upstream`), for replies that name one.
    """

    def __init__(self, backend: Backend, other: Callable[[str], Backend]) -> None:
        self._backend = backend
        self._other = other

    def reply(self, call: Call) -> Awaitable[Reply]:
        """Answer with the session's next queued reply that is for the request, else with the backend.

        Raises:
            APIError: The reply is an error or cannot be composed, or the backend raises it.
        """
        overrides = call.overrides
        # A header that names a rule means that rule, and no queued reply.
        if overrides.has_queue and overrides.rule is None:
            return self._next(call)
        return self._backend.reply(call)

    async def _next(self, call: Call) -> Reply:
        from chatdouble.layers import queued_reply as queued  # noqa: PLC0415 - as above

        waiting = await call.session.next_reply(partial(queued.first_for, call))
        if waiting is None:
            return await self._backend.reply(call)
        call.notes.rule = QUEUED
        return await queued.answer(call, *waiting, self._other)
