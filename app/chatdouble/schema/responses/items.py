"""The items of a request's input: messages, calls, outputs of calls, reasoning and the rest."""

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import Discriminator, Tag, with_config
from typing_extensions import TypedDict

from chatdouble.core.json import is_object, json_type
from chatdouble.schema.base import CLOSED, OPEN, Listed, Noun
from chatdouble.schema.nullable import Nullable

ROLES: Final = ("assistant", "system", "developer", "user")
"""The roles of messages, in the order of the API's errors."""

Status = Nullable[Literal["in_progress", "completed", "incomplete"]]


@with_config(OPEN)
class InputText(TypedDict):
    """A text."""

    type: Literal["input_text"]
    text: str


@with_config(OPEN)
class InputImage(TypedDict):
    """An image: its URL, which may be a data URL, or the id of a file."""

    type: Literal["input_image"]
    image_url: NotRequired[Annotated[str | None, Noun("an image URL")]]
    file_id: NotRequired[str | None]
    detail: NotRequired[Nullable[Literal["low", "high", "auto", "original"]]]


@with_config(OPEN)
class InputFile(TypedDict):
    """A file: its data, its URL or its id."""

    type: Literal["input_file"]
    file_id: NotRequired[str | None]
    filename: NotRequired[Nullable[str]]
    file_data: NotRequired[Nullable[str]]
    file_url: NotRequired[Nullable[str]]


@with_config(OPEN)
class ResponseInputAudio(TypedDict):
    """A sound; the contract has no such part, and the API's errors name it."""

    type: Literal["input_audio"]
    input_audio: dict[str, Any]


@with_config(OPEN)
class ScopedContent(TypedDict):
    """A part that only the API's errors name."""

    type: Literal["scoped_content"]


InputPart = Annotated[
    Annotated[InputText, Tag("input_text")]
    | Annotated[InputImage, Tag("input_image")]
    | Annotated[InputFile, Tag("input_file")]
    | Annotated[ScopedContent, Tag("scoped_content")]
    | Annotated[ResponseInputAudio, Tag("input_audio")],
    Discriminator("type"),
]


@with_config(OPEN)
class OutputTextPart(TypedDict):
    """A text that the model wrote."""

    type: Literal["output_text"]
    text: str
    annotations: NotRequired[Nullable[list[dict[str, Any]]]]
    logprobs: NotRequired[Nullable[list[dict[str, Any]]]]


@with_config(OPEN)
class ResponseRefusalPart(TypedDict):
    """A refusal that the model wrote."""

    type: Literal["refusal"]
    refusal: str


OutputPart = Annotated[OutputTextPart | ResponseRefusalPart, Discriminator("type")]

InputContent = Annotated[
    Annotated[str, Tag("string")] | Annotated[list[InputPart], Tag("array")], Discriminator(json_type)
]
OutputContent = Annotated[
    Annotated[str, Tag("string")] | Annotated[list[OutputPart], Tag("array")], Discriminator(json_type)
]


@with_config(CLOSED)
class InputMessage(TypedDict):
    """A message of the user, the system or the developer. Its type may be left out."""

    role: Annotated[Literal["user", "system", "developer"], Listed(ROLES)]
    content: InputContent
    type: NotRequired[Literal["message"]]
    id: NotRequired[Nullable[str]]
    status: NotRequired[Status]
    phase: NotRequired[Literal["commentary", "final_answer"] | None]


@with_config(CLOSED)
class ResponseAssistantMessage(TypedDict):
    """A message of the assistant, as an answer had it or written by hand."""

    role: Literal["assistant"]
    content: OutputContent
    type: NotRequired[Literal["message"]]
    id: NotRequired[Nullable[str]]
    status: NotRequired[Status]
    phase: NotRequired[Literal["commentary", "final_answer"] | None]


# `async` is a keyword, so a class cannot declare it.
_Async = TypedDict("_Async", {"async": NotRequired[bool | None]})


@with_config(CLOSED)
class ResponseFunctionCall(_Async):
    """A call of a function, as an answer had it."""

    type: Literal["function_call"]
    call_id: str
    name: str
    arguments: str
    id: NotRequired[Nullable[str]]
    status: NotRequired[Status]
    namespace: NotRequired[Nullable[str]]
    caller: NotRequired[dict[str, Any] | None]


@with_config(OPEN)
class FunctionCallOutput(TypedDict):
    """The result of a function call."""

    type: Literal["function_call_output"]
    output: InputContent
    call_id: NotRequired[str | None]
    id: NotRequired[str | None]
    status: NotRequired[Status]


@with_config(CLOSED)
class ResponseCustomToolCall(TypedDict):
    """A call of a custom tool, as an answer had it."""

    type: Literal["custom_tool_call"]
    call_id: str
    name: str
    input: str
    id: NotRequired[Nullable[str]]
    status: NotRequired[Status]
    namespace: NotRequired[Nullable[str]]
    caller: NotRequired[dict[str, Any] | None]


@with_config(OPEN)
class CustomToolCallOutput(TypedDict):
    """The result of a call of a custom tool."""

    type: Literal["custom_tool_call_output"]
    call_id: str
    output: InputContent
    id: NotRequired[Nullable[str]]


@with_config(CLOSED)
class ResponseSummaryText(TypedDict):
    """A part of a reasoning summary."""

    type: Literal["summary_text"]
    text: str


@with_config(OPEN)
class Reasoning(TypedDict):
    """The reasoning before an answer."""

    type: Literal["reasoning"]
    summary: list[ResponseSummaryText]
    id: NotRequired[Nullable[str]]
    content: NotRequired[Nullable[list[dict[str, Any]]]]
    encrypted_content: NotRequired[str | None]
    status: NotRequired[Status]


@with_config(OPEN)
class ItemReference(TypedDict):
    """A reference to an item of an earlier response or of a conversation."""

    id: str
    type: NotRequired[Literal["item_reference"] | None]


OtherType = Literal[
    "additional_tools",
    "agent_message",
    "apply_patch_call",
    "apply_patch_call_output",
    "code_interpreter_call",
    "compaction",
    "compaction_trigger",
    "computer_call",
    "computer_call_output",
    "file_search_call",
    "image_generation_call",
    "local_shell_call",
    "local_shell_call_output",
    "mcp_approval_request",
    "mcp_approval_response",
    "mcp_call",
    "mcp_list_tools",
    "multi_agent_call",
    "multi_agent_call_output",
    "program",
    "program_output",
    "shell_call",
    "shell_call_output",
    "tool_search_call",
    "tool_search_output",
    "web_search_call",
]
"""The types of items that hosted tools and the API itself make."""


@with_config(OPEN)
class OtherItem(TypedDict):
    """An item of a hosted tool; its own fields are accepted as they are."""

    type: OtherType
    id: NotRequired[str | None]
    call_id: NotRequired[str | None]
    status: NotRequired[str | None]


_OWN: Final = (
    "custom_tool_call",
    "custom_tool_call_output",
    "function_call",
    "function_call_output",
    "item_reference",
    "message",
    "reasoning",
)
ITEM_TYPES: Final = tuple(sorted((*OtherType.__args__, *_OWN)))  # type: ignore[attr-defined]
"""The types of items, in the order of the API's errors."""


def item_kind(value: object) -> str | None:
    """Return the tag of an item: a message's role tells which one it is, and other items have a type."""
    if not is_object(value):
        return None
    kind = value.get("type")
    if kind is None and "role" not in value and "id" in value:
        return "item_reference"
    if kind is None or kind == "message":
        role = value.get("role")
        return "assistant" if role == "assistant" else "message"
    if not isinstance(kind, str):
        return None
    if kind in _OWN:
        return kind
    return "other" if kind in ITEM_TYPES else None


InputItem = Annotated[
    Annotated[InputMessage, Tag("message")]
    | Annotated[ResponseAssistantMessage, Tag("assistant")]
    | Annotated[ResponseFunctionCall, Tag("function_call")]
    | Annotated[FunctionCallOutput, Tag("function_call_output")]
    | Annotated[ResponseCustomToolCall, Tag("custom_tool_call")]
    | Annotated[CustomToolCallOutput, Tag("custom_tool_call_output")]
    | Annotated[Reasoning, Tag("reasoning")]
    | Annotated[ItemReference, Tag("item_reference")]
    | Annotated[OtherItem, Tag("other")],
    Discriminator(item_kind),
    Noun("an input item"),
]

InputParam = Annotated[
    Annotated[str, Tag("string")] | Annotated[list[InputItem], Tag("array")],
    Discriminator(json_type),
]
