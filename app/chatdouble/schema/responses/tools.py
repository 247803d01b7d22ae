"""The tools of a request, and the choice among them."""

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import Discriminator, Field, Tag, with_config
from typing_extensions import TypedDict

from chatdouble.core.json import is_object
from chatdouble.schema.base import CLOSED, OPEN
from chatdouble.schema.nullable import Nullable


@with_config(OPEN)
class ResponseFunctionTool(TypedDict):
    """A function. Without `strict` its arguments follow its parameters exactly."""

    type: Literal["function"]
    name: str
    description: NotRequired[str | None]
    parameters: NotRequired[dict[str, Any] | None]
    strict: NotRequired[bool | None]


@with_config(CLOSED)
class ResponseCustomTextFormat(TypedDict):
    """Free text as the input of a custom tool."""

    type: Literal["text"]


@with_config(CLOSED)
class ResponseGrammarFormat(TypedDict):
    """Text that follows a grammar as the input of a custom tool."""

    type: Literal["grammar"]
    syntax: Literal["lark", "regex"]
    definition: str


@with_config(OPEN)
class ResponseCustomTool(TypedDict):
    """A custom tool, whose input is free-form."""

    type: Literal["custom"]
    name: str
    description: NotRequired[Nullable[str]]
    format: NotRequired[
        Nullable[Annotated[ResponseCustomTextFormat | ResponseGrammarFormat, Field(discriminator="type")]]
    ]


@with_config(OPEN)
class NamespaceTool(TypedDict):
    """A group of tools."""

    type: Literal["namespace"]
    name: str
    description: str
    tools: list[dict[str, Any]]


@with_config(OPEN)
class FileSearchTool(TypedDict):
    """The search in files, which the API runs itself."""

    type: Literal["file_search"]
    vector_store_ids: list[str]


@with_config(OPEN)
class CodeInterpreterTool(TypedDict):
    """The interpreter of Python code, which the API runs itself."""

    type: Literal["code_interpreter"]
    container: str | dict[str, Any]


@with_config(OPEN)
class MCPTool(TypedDict):
    """The tools of an MCP server, which the API calls itself."""

    type: Literal["mcp"]
    server_label: str
    server_url: NotRequired[str | None]


HostedType = Literal[
    "web_search",
    "web_search_2025_08_26",
    "web_search_preview",
    "web_search_preview_2025_03_11",
    "image_generation",
    "computer",
    "computer_use",
    "computer_use_preview",
    "local_shell",
    "shell",
    "apply_patch",
    "tool_search",
    "programmatic_tool_calling",
]


@with_config(OPEN)
class HostedTool(TypedDict):
    """Any other tool; its options are accepted as they are."""

    type: HostedType


Tool = Annotated[
    ResponseFunctionTool
    | ResponseCustomTool
    | NamespaceTool
    | FileSearchTool
    | CodeInterpreterTool
    | MCPTool
    | HostedTool,
    Field(discriminator="type"),
]


@with_config(OPEN)
class NamedChoice(TypedDict):
    """The function or custom tool that must be called."""

    type: Literal["function", "custom"]
    name: str


@with_config(OPEN)
class AllowedChoice(TypedDict):
    """A choice among allowed tools."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


@with_config(OPEN)
class HostedChoice(TypedDict):
    """The hosted tool that must be used."""

    type: Literal[HostedType, "file_search", "code_interpreter", "mcp"]


_NAMED: Final = frozenset({"function", "custom"})


def chosen_form(value: object) -> str | None:
    """Return the tag of a tool_choice."""
    if isinstance(value, str):
        return "string"
    if not is_object(value):
        return None
    kind = value.get("type")
    if kind == "allowed_tools":
        return "allowed"
    return "named" if isinstance(kind, str) and kind in _NAMED else "hosted"


ToolChoice = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag("string")]
    | Annotated[NamedChoice, Tag("named")]
    | Annotated[AllowedChoice, Tag("allowed")]
    | Annotated[HostedChoice, Tag("hosted")],
    Discriminator(chosen_form),
]
