"""The objects of the endpoints for stored completions (endpoints#objects)."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from chatdouble.schema.completion import Completion, ToolCall
from chatdouble.schema.messages import ImagePart, TextPart

Role = Literal["developer", "system", "user", "assistant", "tool", "function"]


class StoredExtras(TypedDict, total=False):
    """Fields of the request that a stored completion repeats. They are in the examples only (endpoints#objects)."""

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
    """A completion of a request with `store: true`."""


class ChatCompletionList(TypedDict):
    """A page of stored completions. `first_id` and `last_id` are "" on an empty page."""

    object: Literal["list"]
    data: list[StoredCompletion]
    first_id: str
    last_id: str
    has_more: bool


class StoredMessage(TypedDict):
    """A message of the request of a stored completion.

    Attributes:
        id: The completion's id, a hyphen and the message's index.
        role: The author's role. The schema allows only `assistant`, but the example has `user` (endpoints#messages).
        content: The text, or null.
        name: The author's name, if the message has one.
        tool_calls: The tool calls of an assistant's message.
        refusal: The refusal of an assistant's message.
        content_parts: The content if it consists of parts; null if it is text.
    """

    id: str
    role: Role
    content: str | None
    name: NotRequired[str | None]
    tool_calls: NotRequired[list[ToolCall] | None]
    refusal: NotRequired[str | None]
    content_parts: NotRequired[list[TextPart | ImagePart] | None]


class ChatCompletionMessageList(TypedDict):
    """A page of the messages of a stored completion. `first_id` and `last_id` are "" on an empty page."""

    object: Literal["list"]
    data: list[StoredMessage]
    first_id: str
    last_id: str
    has_more: bool


class ChatCompletionDeleted(TypedDict):
    """A deleted stored completion."""

    object: Literal["chat.completion.deleted"]
    id: str
    deleted: bool
