"""The messages of a conversation, one form for each role (reference 2)."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field, with_config
from typing_extensions import TypedDict

from chatdouble.schema.configs import OPEN
from chatdouble.schema.content import AssistantContent, DeveloperContent, TextContent, ToolContent, UserContent
from chatdouble.schema.listed import Listed
from chatdouble.schema.nullable import Nullable


@with_config(OPEN)
class DeveloperMessage(TypedDict):
    """What the developer demands."""

    role: Literal["developer"]
    content: DeveloperContent
    name: NotRequired[Nullable[str]]


@with_config(OPEN)
class SystemMessage(TypedDict):
    """What the developer demands, as older models have it."""

    role: Literal["system"]
    content: TextContent
    name: NotRequired[Nullable[str]]


@with_config(OPEN)
class UserMessage(TypedDict):
    """What the user says and shows."""

    role: Literal["user"]
    content: UserContent
    name: NotRequired[Nullable[str]]


@with_config(OPEN)
class CalledFunction(TypedDict):
    """The function that was called, and its arguments as JSON text."""

    name: str
    arguments: str


@with_config(OPEN)
class FunctionCallMade(TypedDict):
    """A function tool's call in an earlier answer."""

    id: str
    type: Literal["function"]
    function: CalledFunction


@with_config(OPEN)
class CalledCustom(TypedDict):
    """The custom tool that was called, and its input."""

    name: str
    input: str


@with_config(OPEN)
class CustomCallMade(TypedDict):
    """A custom tool's call in an earlier answer."""

    id: str
    type: Literal["custom"]
    custom: CalledCustom


@with_config(OPEN)
class AudioReference(TypedDict):
    """An earlier spoken answer, by its id."""

    id: str


ToolCallMade = Annotated[
    FunctionCallMade | CustomCallMade,
    Field(discriminator="type"),
    Listed(("function", "allowed_tools", "custom")),
]


@with_config(OPEN)
class AssistantMessage(TypedDict):
    """What the assistant said and called."""

    role: Literal["assistant"]
    content: NotRequired[AssistantContent | None]
    refusal: NotRequired[str | None]
    name: NotRequired[Nullable[str]]
    audio: NotRequired[AudioReference | None]
    tool_calls: NotRequired[list[ToolCallMade] | None]
    function_call: NotRequired[CalledFunction | None]


@with_config(OPEN)
class ToolMessage(TypedDict):
    """What a tool answered to a call."""

    role: Literal["tool"]
    content: ToolContent
    tool_call_id: str


@with_config(OPEN)
class FunctionMessage(TypedDict):
    """What a function answered, in the legacy form."""

    role: Literal["function"]
    content: str | None
    name: str


Message = Annotated[
    DeveloperMessage | SystemMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage,
    Field(discriminator="role"),
    Listed(("system", "assistant", "user", "function", "tool", "developer")),
]
