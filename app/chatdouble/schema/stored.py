"""Stored completions as their endpoints show them (endpoints#objects)."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from chatdouble.schema.completion import Completion, ToolCall
from chatdouble.schema.messages import ImagePart, TextPart

Role = Literal["developer", "system", "user", "assistant", "tool", "function"]


class StoredExtras(TypedDict, total=False):
    """The request's fields that a stored completion repeats; in no schema, but in every example (endpoints#objects)."""

    request_id: str
    tool_choice: Any
    seed: int | None
    top_p: float
    temperature: float
    presence_penalty: float
    frequency_penalty: float
    input_user: str | None
    tools: Any
    response_format: Any


class StoredCompletion(Completion, StoredExtras):
    """A completion that was made with `store: true`."""


class ChatCompletionList(TypedDict):
    """A page of stored completions; `first_id` and `last_id` are empty when the page is."""

    object: Literal["list"]
    data: list[StoredCompletion]
    first_id: str
    last_id: str
    has_more: bool


class StoredMessage(TypedDict):
    """A message of the request that made a stored completion.

    Attributes:
        id: The completion's id, a hyphen and the message's place from 0.
        role: Who said it; the schema allows `assistant` only, the example shows `user` (endpoints#messages).
        content: The text; null when there is none.
        name: The name of who said it, if any.
        tool_calls: The calls of an assistant's message.
        refusal: Why the assistant refused.
        content_parts: The content when it was given in parts; null when it was text.
    """

    id: str
    role: Role
    content: str | None
    name: NotRequired[str | None]
    tool_calls: NotRequired[list[ToolCall] | None]
    refusal: NotRequired[str | None]
    content_parts: NotRequired[list[TextPart | ImagePart] | None]


class ChatCompletionMessageList(TypedDict):
    """A page of a stored completion's messages; `first_id` and `last_id` are empty when the page is."""

    object: Literal["list"]
    data: list[StoredMessage]
    first_id: str
    last_id: str
    has_more: bool


class ChatCompletionDeleted(TypedDict):
    """A stored completion that is no more."""

    object: Literal["chat.completion.deleted"]
    id: str
    deleted: bool
