"""Tools, the choice among them (requests#tools), and the results computed from those that are sent again."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NotRequired, TypeVar, TypeVarTuple

import orjson
from pydantic import Discriminator, Field, Tag, ValidatorFunctionWrapHandler, WrapValidator, with_config
from typing_extensions import TypedDict

from chatdouble.core.json import has_more_values, is_object
from chatdouble.schema.base import CLOSED, OPEN, Listed
from chatdouble.schema.nullable import Nullable

LARGEST: Final = 256 * 1024
"""The largest tools that are cached, in bytes of JSON."""
_MANY: Final = 20_000
"""The values of tools that are not cached, whatever their bytes."""

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


class Toolbox:
    """The `tools` and `functions` of a request.

    A client sends the same tools with request after request, so everything that depends on them is computed once.

    Attributes:
        fields: The request's `tools` and `functions`. Shared by requests; do not modify.
        passed: The checks that the tools have passed.
    """

    __slots__ = ("_results", "fields", "passed")

    def __init__(self, tools: Any, functions: Any) -> None:
        self.fields: Final[Mapping[str, Any]] = {"tools": tools, "functions": functions}
        self.passed: Final[set[object]] = set()
        self._results: Final[dict[object, Any]] = {}

    def once(self, compute: "Callable[[Toolbox, *Arguments], Result]", *arguments: *Arguments) -> Result:
        """Return what a function computes from these tools; repeated calls return the first result.

        Args:
            compute: The function.
            arguments: Its further arguments, hashable. The result is kept for each combination of them.
        """
        # A tuple is built and hashed only where there are arguments: most functions take none.
        key = (compute, *arguments) if arguments else compute
        if key not in self._results:
            self._results[key] = compute(self, *arguments)
        result: Result = self._results[key]
        return result


def toolbox_of(body: Mapping[str, Any]) -> Toolbox:
    """Return the toolbox of a request; requests whose tools have the same JSON share one.

    Args:
        body: The request as it was sent, or only its `tools` and `functions`. They must not change afterwards.
    """
    tools, functions = body.get("tools"), body.get("functions")
    latest = _latest()
    # A request looks its toolbox up several times.
    sent_tools, sent_functions, toolbox = latest.sent
    if toolbox is None or sent_tools is not tools or sent_functions is not functions:
        toolbox = _toolbox(tools, functions)
        latest.sent = tools, functions, toolbox
    return toolbox


class _Latest:
    """The place of the tools that were looked up last, as they were sent."""

    __slots__ = ("sent",)

    def __init__(self) -> None:
        self.sent: tuple[Any, Any, Toolbox | None] = None, None, None


_latest: Final = lru_cache(maxsize=1)(_Latest)


def _toolbox(tools: Any, functions: Any) -> Toolbox:
    if has_more_values([tools, functions], _MANY):  # to write them keeps others waiting
        return Toolbox(tools, functions)
    try:
        encoded = orjson.dumps((tools, functions))
    except TypeError:  # not JSON, or nested too deeply to be encoded
        return Toolbox(tools, functions)
    return _cached(encoded) if len(encoded) <= LARGEST else Toolbox(tools, functions)


@lru_cache(maxsize=32)
def _cached(encoded: bytes) -> Toolbox:
    return Toolbox(*orjson.loads(encoded))


@with_config(OPEN)
class FunctionObject(TypedDict):
    """A function: its name, its description and the JSON Schema of its parameters."""

    name: str
    description: NotRequired[Nullable[str]]
    parameters: NotRequired[Nullable[dict[str, Any]]]
    strict: NotRequired[bool | None]


@with_config(OPEN)
class FunctionTool(TypedDict):
    """A function tool. Unknown keys are ignored (rules#accepted-after-all)."""

    type: Literal["function"]
    function: FunctionObject


@with_config(CLOSED)
class TextFormat(TypedDict):
    """Free text as the input of a custom tool."""

    type: Literal["text"]


@with_config(CLOSED)
class Grammar(TypedDict):
    """The grammar of a custom tool's input."""

    definition: str
    syntax: Literal["lark", "regex"]


@with_config(CLOSED)
class GrammarFormat(TypedDict):
    """Text that follows a grammar as the input of a custom tool."""

    type: Literal["grammar"]
    grammar: Grammar


@with_config(OPEN)
class CustomObject(TypedDict):
    """A custom tool: its name, its description and the format of its input."""

    name: str
    description: NotRequired[Nullable[str]]
    format: NotRequired[Nullable[Annotated[TextFormat | GrammarFormat, Field(discriminator="type")]]]


@with_config(OPEN)
class CustomTool(TypedDict):
    """A custom tool, whose input is free-form."""

    type: Literal["custom"]
    custom: CustomObject


Tool = Annotated[FunctionTool | CustomTool, Field(discriminator="type")]


def _validate_once(tools: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """Validate tools unless the same tools have been validated before."""
    passed = toolbox_of({"tools": tools}).passed
    # The validated tools are equal to the sent ones, so these can be returned.
    if _validate_once in passed:
        return tools
    validated = validate(tools)
    passed.add(_validate_once)
    return validated


Tools = Annotated[list[Tool], WrapValidator(_validate_once)]


@with_config(CLOSED)
class Named(TypedDict):
    """The name of a tool."""

    name: str


ChoiceType = Annotated[str, Listed(("function", "allowed_tools", "custom"))]


@with_config(OPEN)
class NamedToolChoice(TypedDict):
    """The function that must be called. The API checks `function` before `type` (rules#order-of-checks)."""

    function: Named
    type: Literal["function"]


@with_config(OPEN)
class NamedCustomToolChoice(TypedDict):
    """The custom tool that must be called."""

    custom: Named
    type: Literal["custom"]


@with_config(CLOSED)
class AllowedTools(TypedDict):
    """The allowed tools, and whether one of them must be called."""

    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


@with_config(OPEN)
class AllowedToolsChoice(TypedDict):
    """A choice among allowed tools."""

    allowed_tools: AllowedTools
    type: Literal["allowed_tools"]


def chosen_form(value: object) -> str | None:
    """Return the tag of a tool_choice. An object of unknown type is taken for a function."""
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
