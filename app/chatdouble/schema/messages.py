"""The messages of a conversation, one form for each role (requests#messages)."""

from typing import Annotated, Final, Literal, NotRequired

from pydantic import Discriminator, Field, Tag, with_config
from typing_extensions import TypedDict

from chatdouble.core.json import json_type
from chatdouble.schema.base import CLOSED, OPEN, Listed, Noun
from chatdouble.schema.nullable import Nullable

PART_TYPES: Final = ("text", "image_url", "input_audio", "refusal", "audio", "file")
"""The part types that the API's messages name, whatever the role."""


@with_config(CLOSED)
class PromptCacheBreakpoint(TypedDict):
    """The end of the part of a prompt that is cached."""

    mode: Literal["explicit"]
    ttl: NotRequired[Nullable[Literal["30m", "12h"]]]


@with_config(OPEN)
class TextPart(TypedDict):
    """A text part. Unknown keys are ignored (rules#accepted-after-all)."""

    type: Annotated[Literal["text"], Listed(PART_TYPES)]
    text: str
    prompt_cache_breakpoint: NotRequired[Nullable[PromptCacheBreakpoint]]


@with_config(CLOSED)
class DeveloperTextPart(TypedDict):
    """A text part of a developer message, the only text part that refuses unknown keys (rules#accepted-after-all)."""

    type: Annotated[Literal["text"], Listed(PART_TYPES)]
    text: str
    prompt_cache_breakpoint: NotRequired[Nullable[PromptCacheBreakpoint]]


@with_config(CLOSED)
class ImageURL(TypedDict):
    """The URL of an image, which can be a data URL."""

    url: Annotated[str, Field(json_schema_extra={"format": "uri"}), Noun("a base64-encoded data URL")]
    detail: NotRequired[Nullable[Literal["auto", "low", "high", "original"]]]


@with_config(OPEN)
class ImagePart(TypedDict):
    """An image part."""

    type: Literal["image_url"]
    image_url: ImageURL
    prompt_cache_breakpoint: NotRequired[Nullable[PromptCacheBreakpoint]]


@with_config(CLOSED)
class InputAudio(TypedDict):
    """Audio as base64 data."""

    data: str
    format: Literal["wav", "mp3"]


@with_config(OPEN)
class AudioPart(TypedDict):
    """An audio part."""

    type: Literal["input_audio"]
    input_audio: InputAudio
    prompt_cache_breakpoint: NotRequired[Nullable[PromptCacheBreakpoint]]


@with_config(OPEN)
class FileData(TypedDict):
    """A file: a data URL with a name, or the id of an upload. Missing keys are reported before unknown ones."""

    filename: NotRequired[Nullable[str]]
    file_data: NotRequired[Nullable[str]]
    file_id: NotRequired[Nullable[str]]


@with_config(OPEN)
class FilePart(TypedDict):
    """A file part."""

    type: Literal["file"]
    file: FileData
    prompt_cache_breakpoint: NotRequired[Nullable[PromptCacheBreakpoint]]


@with_config(CLOSED)
class RefusalPart(TypedDict):
    """A part with a refusal of the assistant."""

    type: Literal["refusal"]
    refusal: str


UserPart = Annotated[TextPart | ImagePart | AudioPart | FilePart, Field(discriminator="type"), Listed(PART_TYPES)]
AssistantPart = Annotated[TextPart | RefusalPart, Field(discriminator="type"), Listed(PART_TYPES)]

ToolPart = Annotated[TextPart | ImagePart, Field(discriminator="type"), Listed(PART_TYPES)]

Text = Annotated[str, Tag("string")]

Empty = Field(json_schema_extra={"minItems": 1})
"""The contract wants a part; the API answers messages with none (rules#accepted-after-all)."""

UserContent = Annotated[Text | Annotated[list[UserPart], Empty, Tag("array")], Discriminator(json_type)]
AssistantContent = Annotated[Text | Annotated[list[AssistantPart], Empty, Tag("array")], Discriminator(json_type)]
TextContent = Annotated[Text | Annotated[list[TextPart], Empty, Tag("array")], Discriminator(json_type)]
ToolContent = Annotated[Text | Annotated[list[ToolPart], Empty, Tag("array")], Discriminator(json_type)]
DeveloperContent = Annotated[Text | Annotated[list[DeveloperTextPart], Empty, Tag("array")], Discriminator(json_type)]


@with_config(OPEN)
class DeveloperMessage(TypedDict):
    """Instructions of the developer."""

    role: Literal["developer"]
    content: DeveloperContent
    name: NotRequired[Nullable[str]]


@with_config(OPEN)
class SystemMessage(TypedDict):
    """Instructions of the developer, for older models."""

    role: Literal["system"]
    content: TextContent
    name: NotRequired[Nullable[str]]


@with_config(OPEN)
class UserMessage(TypedDict):
    """A message of the user."""

    role: Literal["user"]
    content: UserContent
    name: NotRequired[Nullable[str]]


@with_config(OPEN)
class CalledFunction(TypedDict):
    """A called function, and its arguments as JSON text."""

    name: str
    arguments: str


@with_config(OPEN)
class FunctionCallMade(TypedDict):
    """A call of a function tool in an earlier answer."""

    id: str
    type: Literal["function"]
    function: CalledFunction


@with_config(OPEN)
class CalledCustom(TypedDict):
    """A called custom tool, and its input."""

    name: str
    input: str


@with_config(OPEN)
class CustomCallMade(TypedDict):
    """A call of a custom tool in an earlier answer."""

    id: str
    type: Literal["custom"]
    custom: CalledCustom


@with_config(OPEN)
class AudioReference(TypedDict):
    """The id of an earlier audio output."""

    id: str


ToolCallMade = Annotated[
    FunctionCallMade | CustomCallMade,
    Field(discriminator="type"),
    Listed(("function", "allowed_tools", "custom")),
]


@with_config(OPEN)
class AssistantMessage(TypedDict):
    """A message of the assistant."""

    role: Literal["assistant"]
    content: NotRequired[AssistantContent | None]
    refusal: NotRequired[str | None]
    name: NotRequired[Nullable[str]]
    audio: NotRequired[AudioReference | None]
    tool_calls: NotRequired[list[ToolCallMade] | None]
    function_call: NotRequired[CalledFunction | None]


@with_config(OPEN)
class ToolMessage(TypedDict):
    """The result of a tool call."""

    role: Literal["tool"]
    content: ToolContent
    tool_call_id: str


@with_config(OPEN)
class FunctionMessage(TypedDict):
    """The result of a function call in the legacy form."""

    role: Literal["function"]
    content: str | None
    name: str


Message = Annotated[
    DeveloperMessage | SystemMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage,
    Field(discriminator="role"),
    Listed(("system", "assistant", "user", "function", "tool", "developer")),
]
