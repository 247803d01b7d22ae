"""The control routes of scripted conversations."""

from typing import Final, Literal

from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict

from chatdouble.scripts.format.conversation import ConversationScript
from chatdouble.server.control.control import Control
from chatdouble.server.control.turns import AddedConversation, ShownConversation
from chatdouble.server.routes.api import answered
from chatdouble.server.routes.control.parts import Session, Whose, typed_body, value

_SCRIPT: Final = typed_body(
    "The turns of a conversation, and the requests that belong to it.",
    {
        "turns": [
            {"when": {"user": "*weather*"}, "reply": {"tool_calls": [{"get_weather": {"city": "Oslo"}}]}},
            {"when": {"tool_result": {"name": "get_weather"}}, "reply": "It is 4 degrees in Oslo."},
        ],
        "conversation": {"when": {"system": "*weather*"}},
    },
    ConversationScript,
)


class ConversationList(TypedDict):
    """The scripted conversations of a session.

    Attributes:
        object: `list`.
        data: The conversations in the order in which they were added.
    """

    object: Literal["list"]
    data: list[ShownConversation]


class DroppedTurns(TypedDict):
    """The conversations that were removed.

    Attributes:
        dropped: The number of turns that still waited.
    """

    dropped: int


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.post("/script", operation_id="scriptConversation", response_model=AddedConversation, openapi_extra=_SCRIPT)
    async def post(request: Request, session: Session = None) -> Response:
        """Script a conversation, whose turns answer its next requests in order."""
        return answered(await control.turns.add(whose(request, session), await value(request)))

    @router.get("/script", operation_id="listConversations", response_model=ConversationList)
    async def get(request: Request, session: Session = None) -> Response:
        """List the session's scripted conversations, with the turns that wait."""
        return answered({"object": "list", "data": await control.turns.all(whose(request, session))})

    @router.delete("/script", operation_id="deleteConversations", response_model=DroppedTurns)
    async def delete(request: Request, session: Session = None) -> Response:
        """Remove the session's scripted conversations; the answer has the number of turns that still waited."""
        return answered({"dropped": await control.turns.clear(whose(request, session))})
