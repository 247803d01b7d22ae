"""The routes of conversations and of their items."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from chatdouble.apis.responses import conversations
from chatdouble.apis.stored_completions import Page
from chatdouble.backend import call_of
from chatdouble.schema.responses.items import InputItem
from chatdouble.schema.responses.stored import Conversation, DeletedConversation, ItemList, StoredItem
from chatdouble.server.routes.api import answered_soon
from chatdouble.server.routes.responses import After, Included, Limit, Ordered
from chatdouble.server.routes.route import Route
from chatdouble.state.session import Session
from chatdouble.validation.responses.conversation_items import MOST_ITEMS, check_items
from chatdouble.validation.rules.limits import metadata_faults

_CLOSED = ConfigDict(strict=True, extra="forbid")
_MOST: Final[Any] = {"maxItems": MOST_ITEMS}


class CreateConversation(BaseModel):
    """A conversation to make: its first items, and its metadata."""

    model_config = _CLOSED

    metadata: dict[str, str] | None = None
    items: Annotated[list[InputItem], Field(json_schema_extra=_MOST)] | None = None


class UpdateConversation(BaseModel):
    """The new metadata of a conversation."""

    model_config = _CLOSED

    metadata: dict[str, str] | None


class CreateItems(BaseModel):
    """The items to add to a conversation."""

    model_config = _CLOSED

    items: Annotated[list[InputItem], Field(json_schema_extra=_MOST)]


async def create(request: Request, body: CreateConversation | None = None) -> Response:
    """Create a conversation."""
    given = body or CreateConversation()
    items: list[Any] = [*(given.items or ())]
    check_items(items)
    return await answered_soon(await conversations.create(call_of(request.scope), items, _checked(given.metadata)))


async def get(request: Request, conversation_id: str) -> Response:
    """Get a conversation."""
    return await answered_soon(await conversations.get(_session(request), conversation_id))


async def update(request: Request, conversation_id: str, body: UpdateConversation) -> Response:
    """Replace a conversation's metadata."""
    return await answered_soon(await conversations.update(_session(request), conversation_id, _checked(body.metadata)))


async def delete(request: Request, conversation_id: str) -> Response:
    """Delete a conversation."""
    return await answered_soon(await conversations.delete(_session(request), conversation_id))


async def add_items(request: Request, conversation_id: str, body: CreateItems, include: Included = None) -> Response:
    """Add items to a conversation."""
    del include
    items: list[Any] = [*body.items]
    check_items(items)
    return await answered_soon(await conversations.add_items(call_of(request.scope), conversation_id, items))


async def list_items(
    request: Request,
    conversation_id: str,
    after: After = None,
    limit: Limit = 20,
    order: Ordered = "desc",
    include: Included = None,
) -> Response:
    """List the items of a conversation."""
    del include
    return await answered_soon(await conversations.items(_session(request), conversation_id, Page(after, limit, order)))


async def get_item(request: Request, conversation_id: str, item_id: str, include: Included = None) -> Response:
    """Get an item of a conversation."""
    del include
    return await answered_soon(await conversations.item(_session(request), conversation_id, item_id))


async def delete_item(request: Request, conversation_id: str, item_id: str) -> Response:
    """Delete an item of a conversation."""
    return await answered_soon(await conversations.delete_item(_session(request), conversation_id, item_id))


def routes() -> APIRouter:
    """Return the router."""
    router, one = APIRouter(prefix="/conversations", route_class=Route), "/{conversation_id}"
    for path, method, operation_id, endpoint, response_model in (
        ("", "POST", "createConversation", create, Conversation),
        (one, "GET", "getConversation", get, Conversation),
        (one, "POST", "updateConversation", update, Conversation),
        (one, "DELETE", "deleteConversation", delete, DeletedConversation),
        (f"{one}/items", "POST", "createConversationItems", add_items, ItemList),
        (f"{one}/items", "GET", "listConversationItems", list_items, ItemList),
        (f"{one}/items/{{item_id}}", "GET", "getConversationItem", get_item, StoredItem),
        (f"{one}/items/{{item_id}}", "DELETE", "deleteConversationItem", delete_item, Conversation),
    ):
        router.add_api_route(path, endpoint, methods=[method], operation_id=operation_id, response_model=response_model)
    return router


def _session(request: Request) -> Session:
    return call_of(request.scope).session


def _checked(metadata: dict[str, str] | None) -> dict[str, str]:
    for fault in metadata_faults(metadata or {}):
        raise fault
    return metadata or {}
