"""The control routes of scripted conversations."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response

from chatdouble.server.control.control import Control
from chatdouble.server.routes.api import answered
from chatdouble.server.routes.control.parts import Session, Whose, value

_TURN: Final = {
    "type": "object",
    "required": ["reply"],
    "properties": {
        "when": {"type": "object", "description": "The conditions on the request, as in scripts."},
        "reply": {"type": ["object", "string"], "description": "A reply as scripts have it."},
        "note": {"type": "string"},
    },
}
_CONVERSATION: Final = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "The conversation's name in messages and the journal."},
        "when": {"type": "object", "description": "The conditions that all its requests meet, as in scripts."},
        "model": {"type": ["string", "object"], "description": "The model that all its requests name."},
    },
}
_SCRIPT: Final[dict[str, Any]] = {
    "requestBody": {
        "description": "The turns of a conversation, and the requests that belong to it.",
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["turns"],
                    "properties": {
                        "turns": {"type": "array", "minItems": 1, "items": _TURN},
                        "conversation": _CONVERSATION,
                    },
                },
                "example": {
                    "turns": [
                        {
                            "when": {"user": "*weather*"},
                            "reply": {"tool_calls": [{"get_weather": {"city": "Oslo"}}]},
                        },
                        {"when": {"tool_result": {"name": "get_weather"}}, "reply": "It is 4 degrees in Oslo."},
                    ],
                    "conversation": {"when": {"system": "*weather*"}},
                },
            }
        },
    }
}


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.post("/script", operation_id="scriptConversation", openapi_extra=_SCRIPT)
    async def post(request: Request, session: Session = None) -> Response:
        """Script a conversation, whose turns answer its next requests in order."""
        return answered(await control.turns.add(whose(request, session), value(await request.body())))

    @router.get("/script", operation_id="listConversations")
    async def get(request: Request, session: Session = None) -> Response:
        """List the session's scripted conversations, with the turns that wait."""
        return answered({"object": "list", "data": await control.turns.all(whose(request, session))})

    @router.delete("/script", operation_id="deleteConversations")
    async def delete(request: Request, session: Session = None) -> Response:
        """Remove the session's scripted conversations; the answer has the number of turns that still waited."""
        return answered({"dropped": await control.turns.clear(whose(request, session))})
