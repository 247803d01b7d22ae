"""Rules that were added or disabled while the server runs, around any backend."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from chatdouble.backend import Backend, Call, Reply

if TYPE_CHECKING:
    from chatdouble.scripts.matching.changes import Changes
    from chatdouble.scripts.reading.load import Placed


@runtime_checkable
class HasRules(Protocol):
    """A backend that answers by rules of its own, and takes changes of them."""

    def rules(self) -> "Sequence[Placed]":
        """Return the rules as they are now, in the order in which they are tried."""
        ...

    def reply_by(self, call: Call, changes: "Changes") -> Awaitable[Reply]:
        """Answer a call by the changed rules."""
        ...


class Ruled:
    """A layer that applies the changes of rules which a test has made, and answers with the rule that a header names.

    Args:
        backend: The backend, which answers when no added rule does.
        other: Returns another backend by its name (`echo`, `upstream`), for replies that name one.
    """

    def __init__(self, backend: Backend, other: Callable[[str], Backend]) -> None:
        self._backend = backend
        self._other = other

    def reply(self, call: Call) -> Awaitable[Reply]:
        """Answer with the first rule that matches, else with the backend.

        Raises:
            APIError: The reply is an error or cannot be composed, or the backend raises it.
        """
        return self._among(call) if call.rules_changed else self._backend.reply(call)

    async def _among(self, call: Call) -> Reply:
        from chatdouble.scripts.matching.changes import changes_of  # noqa: PLC0415 - 0.1 s that most servers never need

        changes = await changes_of(call)
        if isinstance(self._backend, HasRules):
            return await self._backend.reply_by(call, changes)
        return await self._added(call, changes)

    async def _added(self, call: Call, changes: "Changes") -> Reply:
        from chatdouble.scripts.matching.request_view import RequestView  # noqa: PLC0415 - as above
        from chatdouble.scripts.replying import by_rule  # noqa: PLC0415 - as above

        view, named = RequestView(call), call.overrides.rule
        if named is not None:
            return await by_rule.named_answer(named, changes.rules(None), view, self._other)
        candidates = changes.candidates(None, view)
        reply = await by_rule.first_answer(candidates, view, self._other, {}, by_rule.take_hit)
        return await self._backend.reply(call) if reply is None else reply
