"""The stored completions' routes: list, get, update, delete, messages (reference 1)."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Body, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from chatdouble import exchange as exchanges
from chatdouble.routes.api import answered
from chatdouble.schema.stored import (
    ChatCompletionDeleted,
    ChatCompletionList,
    ChatCompletionMessageList,
    StoredCompletion,
)
from chatdouble.stored import Order, Page, Stored
from chatdouble.validation.rules.limits import metadata_faults

_METADATA: Final = re.compile(r"metadata\[(.*)\]")
_METADATA_PARAMETER: Final = {
    "name": "metadata",
    "in": "query",
    "description": "Pairs that a completion's metadata must have, as metadata[key]=value.",
    "style": "deepObject",
    "explode": True,
    "schema": {"type": "object", "additionalProperties": {"type": "string"}},
}

After = Annotated[str | None, Query(description="The id after which the page begins.")]
Limit = Annotated[int, Query(ge=0, le=100, description="How many items at most.")]
Ordered = Annotated[Order, Query(description="By time, oldest (asc) or newest (desc) first.")]


class UpdateChatCompletion(BaseModel):
    """What can be changed of a stored completion: its metadata, all of it at once."""

    model_config = ConfigDict(strict=True, extra="forbid")

    metadata: dict[str, str] | None


def routes(stored: Stored) -> APIRouter:
    """Return the five routes over stored completions."""
    router = APIRouter(prefix="/chat/completions")

    @router.get(
        "",
        operation_id="listChatCompletions",
        response_model=ChatCompletionList,
        openapi_extra={"parameters": [_METADATA_PARAMETER]},
    )
    async def page(
        request: Request,
        model: str | None = None,
        after: After = None,
        limit: Limit = 20,
        order: Ordered = "asc",
    ) -> Response:
        """List the session's stored completions; `metadata[key]=value` filters."""
        wanted = {
            found[1]: value for name, value in request.query_params.items() if (found := _METADATA.fullmatch(name))
        }
        return answered(await stored.page(_session(request), Page(after, limit, order), model, wanted))

    @router.get("/{completion_id}", operation_id="getChatCompletion", response_model=StoredCompletion)
    async def get(request: Request, completion_id: str) -> Response:
        """Get a stored completion."""
        return answered(await stored.get(_session(request), completion_id))

    @router.post("/{completion_id}", operation_id="updateChatCompletion", response_model=StoredCompletion)
    async def update(request: Request, completion_id: str, body: Annotated[UpdateChatCompletion, Body()]) -> Response:
        """Replace a stored completion's metadata."""
        for fault in metadata_faults(body.metadata or {}):
            raise fault
        return answered(await stored.update(_session(request), completion_id, body.metadata))

    @router.delete("/{completion_id}", operation_id="deleteChatCompletion", response_model=ChatCompletionDeleted)
    async def delete(request: Request, completion_id: str) -> Response:
        """Delete a stored completion."""
        return answered(await stored.delete(_session(request), completion_id))

    @router.get(
        "/{completion_id}/messages",
        operation_id="getChatCompletionMessages",
        response_model=ChatCompletionMessageList,
    )
    async def messages(
        request: Request, completion_id: str, after: After = None, limit: Limit = 20, order: Ordered = "asc"
    ) -> Response:
        """List the messages that a stored completion answered."""
        return answered(await stored.messages(_session(request), completion_id, Page(after, limit, order)))

    return router


def _session(request: Request) -> str:
    return exchanges.of(request.scope).session
