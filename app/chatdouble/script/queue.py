"""Replies that a test queues for its session: used once each, in order, before any rule."""

from collections.abc import Callable
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.backend import Backend, Call, Reply
from chatdouble.errors import APIError
from chatdouble.script.answer import Answering
from chatdouble.script.facts import Facts
from chatdouble.script.kinds import is_list
from chatdouble.script.mistakes import dotted, mistakes
from chatdouble.script.reply import ReplySpec
from chatdouble.script.scope import Scope
from chatdouble.store import Store

NAME: Final = "replies"
"""The name of the store's list of queued replies."""

KEEP: Final = 10_000
"""How many replies a session may have waiting; beyond it the oldest are dropped."""

QUEUED: Final = "queued"
"""The store's counter of queued replies that a session has used, and what the journal calls them."""


def read(given: object) -> list[Any]:
    """Check replies, and return them as they were given, one a piece.

    Args:
        given: A reply as scripts have them, or a list of such.

    Raises:
        APIError: 400: one is not a reply; the message names all mistakes.
    """
    replies: list[Any] = given if is_list(given) else [given]
    wrong = [line for position, reply in enumerate(replies) for line in _wrong(position, reply)]
    if wrong:
        raise APIError("\n".join(wrong), param="replies", code="invalid_reply")
    return replies


def _wrong(position: int, given: Any) -> list[str]:
    try:
        ReplySpec.model_validate(given)
    except ValidationError as invalid:
        found = mistakes(ReplySpec, invalid)
        return [f"{dotted(('replies', position, *loc))}: {message}" for loc, message in found]
    return []


async def add(store: Store, session: str, reply: Any) -> None:
    """Queue a reply that `read` has returned."""
    await store.push(session, NAME, reply, KEEP)


async def waiting(store: Store, session: str) -> list[Any]:
    """Return a session's queued replies, the next first, as they were given."""
    return await store.items(session, NAME)


async def queued(call: Call, other: Callable[[str], Backend]) -> Reply | None:
    """Answer a call with the next reply queued for its session; None: none waits.

    Args:
        call: The call.
        other: Returns another backend by its name (`echo`, `upstream`), for replies that name one.

    Raises:
        APIError: The reply is an error, or cannot be made.
    """
    given = await call.services.store.pull(call.session, NAME)
    if given is None:
        return None
    used = await call.services.store.increment(call.session, QUEUED)
    call.notes["rule"] = QUEUED
    reply = ReplySpec.model_validate(given)
    scope = Scope(Facts(call), {}, used - 1, f"{QUEUED} {used}")
    return await Answering(reply, scope, other, lambda: f"queued reply {used}").answer()


class Queued:
    """A layer that lets queued replies answer before the backend does.

    Args:
        backend: What answers when no reply waits.
        other: Returns another backend by its name, for replies that name one.
    """

    def __init__(self, backend: Backend, other: Callable[[str], Backend]) -> None:
        self._backend = backend
        self._other = other

    async def reply(self, call: Call) -> Reply:
        """Answer with the next queued reply, else let the backend answer.

        Raises:
            APIError: The API says no.
        """
        found = await queued(call, self._other)
        return await self._backend.reply(call) if found is None else found
