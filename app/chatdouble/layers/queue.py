"""Replies that a test queues for its session: used once each, in order, before any rule."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from chatdouble.backend import Backend, Call, Reply
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array
from chatdouble.state.store import Store

NAME: Final = "replies"
"""The name of the store's list of queued replies; the value of this name says that a session ever had one."""

KEEP: Final = 10_000
"""How many replies a session may have waiting; beyond it the oldest are dropped."""

QUEUED: Final = "queue"
"""The store's counter of queued replies that a session has used, and what the journal calls them."""


def read(given: object) -> list[Any]:
    """Check replies, and return them as they were given, one a piece.

    Args:
        given: A reply as scripts have them, or a list of such.

    Raises:
        APIError: 400: one is not a reply; the message names all mistakes.
    """
    from chatdouble.layers import queued_reply as queued  # noqa: PLC0415 - 0.1 s and 15 MB that most servers never need

    replies: list[Any] = given if is_array(given) else [given]
    mistakes = "\n".join(queued.wrong(replies))
    if mistakes:
        raise APIError(mistakes, param="queue", code="invalid_reply")
    return replies


async def add(store: Store, session: str, reply: Any) -> None:
    """Queue a reply that `read` has returned."""
    await store.push(session, NAME, reply, KEEP)
    await store.put(session, NAME, True)


async def waiting(store: Store, session: str) -> list[Any]:
    """Return a session's queued replies, the next first, as they were given."""
    return await store.items(session, NAME)


class Queued:
    """A layer that lets queued replies answer before the backend does.

    Args:
        backend: What answers when no reply waits.
        other: Returns another backend by its name (`echo`, `upstream`), for replies that name one.
    """

    def __init__(self, backend: Backend, other: Callable[[str], Backend]) -> None:
        self._backend = backend
        self._other = other

    def reply(self, call: Call) -> Awaitable[Reply]:
        """Answer with the next reply queued for the call's session, else let the backend answer.

        Raises:
            APIError: The reply is an error, or cannot be made, or the backend says no.
        """
        return self._next(call) if NAME in call.own else self._backend.reply(call)

    async def _next(self, call: Call) -> Reply:
        given = await call.services.store.pull(call.session, NAME)
        if given is None:
            return await self._backend.reply(call)
        from chatdouble.layers import queued_reply as queued  # noqa: PLC0415 - as above

        used = await call.services.store.increment(call.session, QUEUED)
        call.notes["rule"] = QUEUED
        return await queued.answer(call, given, used, self._other)
