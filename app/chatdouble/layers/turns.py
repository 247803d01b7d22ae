"""Scripted conversations: each turn answers one request, before the queue and any rule."""

from collections.abc import Awaitable, Callable

from chatdouble.backend import Backend, Call, Reply


class Conversing:
    """A layer in which the turns of the session's conversations answer before the backend.

    Args:
        backend: The backend, which answers requests that belong to no conversation.
        other: Returns another backend by its name (`echo`, `upstream`), for replies that name one.
    """

    def __init__(self, backend: Backend, other: Callable[[str], Backend]) -> None:
        self._backend = backend
        self._other = other

    def reply(self, call: Call) -> Awaitable[Reply]:
        """Answer with the next turn of the request's conversation, else with the backend.

        Raises:
            APIError: The request does not fit the turn (404, `turn_mismatch`), the reply is an error or cannot be
                composed, or the backend raises it.
        """
        overrides = call.overrides
        # A header that names a rule means that rule, and no turn.
        if overrides.has_turns and overrides.rule is None:
            return self._next(call)
        return self._backend.reply(call)

    async def _next(self, call: Call) -> Reply:
        from chatdouble.layers import conversations  # noqa: PLC0415 - 0.1 s and 15 MB that most servers never need

        reply = await conversations.answer(call, self._other)
        return await self._backend.reply(call) if reply is None else reply
