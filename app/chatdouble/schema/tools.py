"""The tools a model may call, and what it is told about calling them (requests#tools)."""

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import Discriminator, Field, Tag, ValidatorFunctionWrapHandler, WrapValidator, with_config
from typing_extensions import TypedDict

from chatdouble.core.json import is_object
from chatdouble.schema.base import CLOSED, OPEN, Listed
from chatdouble.schema.nullable import Nullable
from chatdouble.schema.toolbox import toolbox_of


@with_config(OPEN)
class FunctionObject(TypedDict):
    """A function: its name, what it is for and a JSON Schema of its parameters."""

    name: str
    description: NotRequired[Nullable[str]]
    parameters: NotRequired[Nullable[dict[str, Any]]]
    strict: NotRequired[bool | None]


@with_config(OPEN)
class FunctionTool(TypedDict):
    """A function that the model may call; keys that are not known are ignored (rules#accepted-after-all)."""

    type: Literal["function"]
    function: FunctionObject


@with_config(CLOSED)
class TextFormat(TypedDict):
    """Free text as a custom tool's input."""

    type: Literal["text"]


@with_config(CLOSED)
class Grammar(TypedDict):
    """The grammar a custom tool's input follows."""

    definition: str
    syntax: Literal["lark", "regex"]


@with_config(CLOSED)
class GrammarFormat(TypedDict):
    """Input by a grammar."""

    type: Literal["grammar"]
    grammar: Grammar


@with_config(OPEN)
class CustomObject(TypedDict):
    """A custom tool: its name, what it is for and the form of its input."""

    name: str
    description: NotRequired[Nullable[str]]
    format: NotRequired[Nullable[Annotated[TextFormat | GrammarFormat, Field(discriminator="type")]]]


@with_config(OPEN)
class CustomTool(TypedDict):
    """A tool that takes free-form input."""

    type: Literal["custom"]
    custom: CustomObject


Tool = Annotated[FunctionTool | CustomTool, Field(discriminator="type")]


def _shaped(tools: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Validate tools, unless the same were found to have their shape before."""
    passed = toolbox_of({"tools": tools}).passed
    if _shaped in passed:
        return tools
    validated = validate(tools)
    passed.add(_shaped)
    return validated


Tools = Annotated[list[Tool], WrapValidator(_shaped)]


@with_config(CLOSED)
class Named(TypedDict):
    """A tool by its name."""

    name: str


ChoiceType = Annotated[str, Listed(("function", "allowed_tools", "custom"))]


@with_config(OPEN)
class NamedToolChoice(TypedDict):
    """The function that must be called; the function is looked at before the type (rules#order-of-checks)."""

    function: Named
    type: Literal["function"]


@with_config(OPEN)
class NamedCustomToolChoice(TypedDict):
    """The custom tool that must be called."""

    custom: Named
    type: Literal["custom"]


@with_config(CLOSED)
class AllowedTools(TypedDict):
    """The tools that may be called, or one of which must be."""

    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


@with_config(OPEN)
class AllowedToolsChoice(TypedDict):
    """A choice among some of the tools."""

    allowed_tools: AllowedTools
    type: Literal["allowed_tools"]


def chosen_form(value: object) -> str | None:
    """Return which form of tool_choice a value is meant for; an object of no known type names a function."""
    if isinstance(value, str):
        return "string"
    if not is_object(value):
        return None
    kind = value.get("type")
    return kind if kind in _FORMS else "function"


_FORMS: Final = ("custom", "allowed_tools")

ToolChoice = Annotated[
    Annotated[Literal["none", "auto", "required"], Tag("string")]
    | Annotated[NamedToolChoice, Tag("function")]
    | Annotated[NamedCustomToolChoice, Tag("custom")]
    | Annotated[AllowedToolsChoice, Tag("allowed_tools")],
    Discriminator(chosen_form),
]


@with_config(OPEN)
class LegacyFunction(TypedDict):
    """A function in the legacy form."""

    name: str
    description: NotRequired[Nullable[str]]
    parameters: NotRequired[Nullable[dict[str, Any]]]
