"""The routes of stored completions: list, get, update, delete, messages (endpoints#routes)."""

import re
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from chatdouble.apis.stored_completions import Order, Page, Stored
from chatdouble.backend import call_of
from chatdouble.schema.stored import (
    ChatCompletionDeleted,
    ChatCompletionList,
    ChatCompletionMessageList,
    StoredCompletion,
)
from chatdouble.server.routes.api import answered_soon
from chatdouble.server.routes.route import Route
from chatdouble.state.session import Session
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
    """An update of a stored completion, which replaces its metadata."""

    model_config = ConfigDict(strict=True, extra="forbid")

    metadata: dict[str, str] | None


class _Endpoints:
    """The operations as FastAPI endpoints."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    async def page(
        self,
        request: Request,
        model: str | None = None,
        after: After = None,
        limit: Limit = 20,
        order: Ordered = "asc",
    ) -> Response:
        """List the session's stored completions, filtered by model and by `metadata[key]=value`."""
        wanted = {
            found[1]: value for name, value in request.query_params.items() if (found := _METADATA.fullmatch(name))
        }
        return await answered_soon(await self._stored.page(_session(request), Page(after, limit, order), model, wanted))

    async def get(self, request: Request, completion_id: str) -> Response:
        """Get a stored completion."""
        return await answered_soon(await self._stored.get(_session(request), completion_id))

    async def update(self, request: Request, completion_id: str, body: UpdateChatCompletion) -> Response:
        """Replace a stored completion's metadata."""
        for fault in metadata_faults(body.metadata or {}):
            raise fault
        return await answered_soon(await self._stored.update(_session(request), completion_id, body.metadata))

    async def delete(self, request: Request, completion_id: str) -> Response:
        """Delete a stored completion."""
        return await answered_soon(await self._stored.delete(_session(request), completion_id))

    async def messages(
        self, request: Request, completion_id: str, after: After = None, limit: Limit = 20, order: Ordered = "asc"
    ) -> Response:
        """List the messages that a stored completion answered."""
        return await answered_soon(
            await self._stored.messages(_session(request), completion_id, Page(after, limit, order))
        )


def routes(stored: Stored) -> APIRouter:
    """Return the five routes."""
    does = _Endpoints(stored)
    one = "/{completion_id}"
    router = APIRouter(prefix="/chat/completions", route_class=Route)
    for path, method, operation_id, endpoint, response_model in (
        ("", "GET", "listChatCompletions", does.page, ChatCompletionList),
        (one, "GET", "getChatCompletion", does.get, StoredCompletion),
        (one, "POST", "updateChatCompletion", does.update, StoredCompletion),
        (one, "DELETE", "deleteChatCompletion", does.delete, ChatCompletionDeleted),
        (f"{one}/messages", "GET", "getChatCompletionMessages", does.messages, ChatCompletionMessageList),
    ):
        router.add_api_route(
            path,
            endpoint,
            methods=[method],
            operation_id=operation_id,
            response_model=response_model,
            openapi_extra={"parameters": [_METADATA_PARAMETER]} if endpoint == does.page else None,
        )
    return router


def _session(request: Request) -> Session:
    return call_of(request.scope).session
