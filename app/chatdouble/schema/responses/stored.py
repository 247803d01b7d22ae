"""The objects of the endpoints for stored responses and conversations (responses#routes)."""

from typing import Any, Literal

from pydantic import with_config
from typing_extensions import TypedDict

from chatdouble.schema.base import OPEN
from chatdouble.schema.completion import UnixTime
from chatdouble.schema.responses.answer import ResponseUsage


class DeletedResponse(TypedDict):
    """A response that is gone."""

    id: str
    object: Literal["response.deleted"]
    deleted: Literal[True]


@with_config(OPEN)
class StoredItem(TypedDict):
    """An item of a conversation, with the other fields of its type."""

    id: str
    type: str


class ItemList(TypedDict):
    """A page of items. `first_id` and `last_id` are "" on an empty page."""

    object: Literal["list"]
    data: list[StoredItem]
    first_id: str
    has_more: bool
    last_id: str


class InputTokens(TypedDict):
    """The tokens of a request's input."""

    object: Literal["response.input_tokens"]
    input_tokens: int


class CompactedResponse(TypedDict):
    """A conversation in short."""

    id: str
    object: Literal["response.compaction"]
    created_at: UnixTime
    output: list[dict[str, Any]]
    usage: ResponseUsage


class Conversation(TypedDict):
    """A conversation."""

    id: str
    object: Literal["conversation"]
    created_at: UnixTime
    metadata: dict[str, str]


class DeletedConversation(TypedDict):
    """A conversation that is gone."""

    id: str
    object: Literal["conversation.deleted"]
    deleted: Literal[True]
