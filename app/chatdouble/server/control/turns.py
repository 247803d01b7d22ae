"""Control of scripted conversations: add them, read which turns wait, remove them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from chatdouble.state.session import Session

if TYPE_CHECKING:
    from chatdouble.layers.conversations import Conversation


class AddedConversation(TypedDict):
    """A conversation that was added.

    Attributes:
        id: Its id.
        waiting: The number of turns that wait in the session.
    """

    id: str
    waiting: int


class Turn(TypedDict):
    """A turn of a conversation.

    Attributes:
        number: Its number, from 1.
        when: The conditions on its request.
        reply: Its reply.
        request: The id of the request that it answered; None: it waits.
    """

    number: int
    when: dict[str, Any]
    reply: Any
    request: str | None


class ShownConversation(TypedDict):
    """A conversation.

    Attributes:
        id: Its id.
        conversation: The requests that belong to it.
        waiting: The number of turns that wait.
        turns: Its turns.
    """

    id: str
    conversation: dict[str, Any]
    waiting: int
    turns: list[Turn]


class WaitingTurn(TypedDict):
    """A turn that has not answered.

    Attributes:
        conversation: The name or id of its conversation.
        number: Its number, from 1.
        of: The number of turns in the conversation.
        when: The conditions on its request.
    """

    conversation: str
    number: int
    of: int
    when: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turns:
    """Controls the scripted conversations of sessions.

    Attributes:
        one: Returns the session of a name or key.
        has_upstream: Whether the server has an upstream; without one, no reply may ask for it.
    """

    one: Callable[[str], Session]
    has_upstream: bool = True

    # What a conversation is made of is imported by those who script one: 0.1 s and 15 MB.

    async def add(self, session: str, given: object) -> AddedConversation:
        """Add a conversation, whose turns answer the next requests that belong to it.

        Args:
            session: The session.
            given: `{"turns": [...], "conversation": {"when": {...}}}`, or a list of turns.

        Raises:
            APIError: 400: it is not a conversation; the message lists all mistakes.
        """
        from chatdouble.layers import conversations  # noqa: PLC0415 - as above

        made = await conversations.add(self.one(session), given, has_upstream=self.has_upstream)
        return {"id": made, "waiting": len(await self.waiting(session))}

    async def all(self, session: str) -> list[ShownConversation]:
        """Return the session's conversations with all their turns, in the order in which they were added."""
        return [_shown(one) for one in await self._kept(session)]

    async def waiting(self, session: str) -> list[WaitingTurn]:
        """Return the turns that have not answered, conversation by conversation."""
        return [
            {"conversation": one["conversation"].get("name") or one["id"], "number": at + 1, "of": of, "when": when}
            for one in await self._kept(session)
            for of in [len(one["turns"])]
            for at in range(len(one["requests"]), of)
            for when in [one["turns"][at].get("when", {})]
        ]

    async def clear(self, session: str) -> int:
        """Remove the session's conversations; return how many turns still waited."""
        from chatdouble.layers import conversations  # noqa: PLC0415 - as above

        return await conversations.clear(self.one(session))

    async def _kept(self, session: str) -> "list[Conversation]":
        one = self.one(session)
        if not (await one.overrides()).has_turns:
            return []
        from chatdouble.layers import conversations  # noqa: PLC0415 - as above

        return await conversations.all_of(one)


def _shown(one: "Conversation") -> ShownConversation:
    asked = [*one["requests"], *[None] * (len(one["turns"]) - len(one["requests"]))]
    turns = [
        Turn(number=at, when=turn.get("when", {}), reply=turn["reply"], request=request)
        for at, (turn, request) in enumerate(zip(one["turns"], asked, strict=True), 1)
    ]
    return {
        "id": one["id"],
        "conversation": one["conversation"],
        "waiting": len(one["turns"]) - len(one["requests"]),
        "turns": turns,
    }
