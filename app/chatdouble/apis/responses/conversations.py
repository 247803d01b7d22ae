"""Conversations: items that a session keeps, which requests continue and answers extend (responses#routes)."""

import asyncio
from collections.abc import Sequence
from typing import Any

from chatdouble.apis.responses.state import extend, stored_items
from chatdouble.apis.responses.stored import page_of
from chatdouble.apis.stored_completions import Page
from chatdouble.backend import Call
from chatdouble.core.chance import ConversationIds
from chatdouble.core.json_in_steps import size_in_steps
from chatdouble.state.session import Session
from chatdouble.validation.responses import wording
from chatdouble.validation.responses.conversation_items import check_new

Object = dict[str, Any]


async def create(call: Call[Any], items: Sequence[Object], metadata: dict[str, str]) -> Object:
    """Make a conversation, and return it."""
    created = int(call.services.clock.now())
    ids = ConversationIds(call.chance.at("conversation"), created)
    made = ids.id("conv")
    kept = {"id": made, "created_at": created, "metadata": metadata, "items": stored_items(items, ids)}
    await _store(call.session, {**kept, "size": await _size(kept)})
    return _shown(kept)


async def get(session: Session, found_id: str) -> Object:
    """Return a conversation.

    Raises:
        APIError: 404: the session has none of this id.
    """
    return _shown(await _find(session, found_id))


async def update(session: Session, found_id: str, metadata: dict[str, str]) -> Object:
    """Replace a conversation's metadata, and return it.

    Raises:
        APIError: 404: the session has none of this id.
    """
    kept = {**await _find(session, found_id), "metadata": metadata}
    await _store(session, kept)
    return _shown(kept)


async def delete(session: Session, found_id: str) -> Object:
    """Forget a conversation.

    Raises:
        APIError: 404: the session has none of this id.
    """
    await _find(session, found_id)
    await session.store("conversation", found_id, None)
    return {"id": found_id, "object": "conversation.deleted", "deleted": True}


async def add_items(call: Call[Any], found_id: str, items: Sequence[Object]) -> Object:
    """Add items to a conversation, and return a list object of them.

    Raises:
        APIError: 404: the session has no such conversation. 400: it has one of the items.
    """
    check_new((await _find(call.session, found_id))["items"], items)
    ids = ConversationIds(call.chance.at("items"), int(call.services.clock.now()), found_id)
    added = stored_items(items, ids)
    await extend(call.session, found_id, added, await _size(added))
    return page_of(added, Page(limit=max(len(added), 1)))


async def items(session: Session, found_id: str, page: Page) -> Object:
    """Return a list object of a conversation's items.

    Raises:
        APIError: 404: the session has no such conversation.
    """
    return page_of((await _find(session, found_id))["items"], page)


async def item(session: Session, found_id: str, item_id: str) -> Object:
    """Return one item of a conversation.

    Raises:
        APIError: 404: there is no such conversation or item.
    """
    for held in (await _find(session, found_id))["items"]:
        if held["id"] == item_id:
            found: Object = held
            return found
    raise wording.not_found("Item", item_id)


async def delete_item(session: Session, found_id: str, item_id: str) -> Object:
    """Remove an item of a conversation, and return the conversation.

    Raises:
        APIError: 404: there is no such conversation or item.
    """
    gone = await item(session, found_id, item_id)
    kept = await _find(session, found_id)
    left = [held for held in kept["items"] if held["id"] != item_id]
    await _store(session, {**kept, "items": left, "size": kept["size"] - await _size(gone)})
    return _shown(kept)


async def _store(session: Session, kept: Object) -> None:
    await session.store("conversation", kept["id"], kept, kept["size"])


async def _size(value: Any) -> int:
    """Return the bytes of a value, which a thread counts, as it may be large."""
    return await asyncio.to_thread(size_in_steps, value)


def _shown(kept: Object) -> Object:
    return {
        "id": kept["id"],
        "object": "conversation",
        "created_at": kept["created_at"],
        "metadata": kept["metadata"],
    }


async def _find(session: Session, found_id: str) -> Object:
    kept = await session.stored("conversation", found_id)
    if kept is None:
        raise wording.not_found("Conversation", found_id)
    return kept
