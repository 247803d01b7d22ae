"""Rules for tools, functions and the fields about calling them."""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, Final

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_object
from chatdouble.schema.tools import Toolbox, toolbox_of
from chatdouble.validation import wording
from chatdouble.validation.rules.limits import name
from chatdouble.validation.rules.rule import Find, Subject
from chatdouble.validation.wording import combinations, models

MOST_TOOLS: Final = 128


def _of_tools(find: Callable[[Mapping[str, Any]], Iterator[APIError]]) -> Find:
    """Return the rule of a check that only depends on the tools: tools that passed are not checked again."""

    @wraps(find)
    def rule(subject: Subject) -> Iterator[APIError]:
        toolbox = toolbox_of(subject.body)
        if find in toolbox.passed:
            return iter(())
        found = [*find(toolbox.fields)]
        if not found:
            toolbox.passed.add(find)
        return iter(found)

    return rule


@_of_tools
def tools(fields: Mapping[str, Any]) -> Iterator[APIError]:
    """Limit tools to 128, and check their names (rules#limits)."""
    given: list[dict[str, Any]] = fields["tools"]
    if len(given) > MOST_TOOLS:
        yield wording.too_long("tools", given, MOST_TOOLS, "array")
    for place, tool in enumerate(given):
        kind: str = tool["type"]
        yield from name(f"tools[{place}].{kind}.name", tool[kind]["name"])


@_of_tools
def functions(fields: Mapping[str, Any]) -> Iterator[APIError]:
    """Check the names of legacy functions."""
    for place, function in enumerate(fields["functions"]):
        yield from name(f"functions[{place}].name", function["name"])


def tool_choice_name(subject: Subject) -> Iterator[APIError]:
    """Check the name in `tool_choice`."""
    choice = as_object(subject.body["tool_choice"])
    kind = choice.get("type", "")
    chosen = as_object(choice.get(kind)).get("name")
    # The name of a tool is checked where the tool is.
    if chosen is None or (
        subject.body.get("tools") and (kind, chosen) in toolbox_of(subject.body).once(_kinds_and_names)
    ):
        return
    yield from name(f"tool_choice.{kind}.name", chosen)


def tool_choice(subject: Subject) -> Iterator[APIError]:
    """Allow `tool_choice` only with tools, naming one of them; the error names `function_call` (rules#combinations)."""
    if subject.body.get("tools") is None:
        yield combinations.only_with_list("tool_choice", "tools")
        return
    known = toolbox_of(subject.body).once(_kinds_and_names)
    for kind, chosen in _chosen(as_object(subject.body["tool_choice"])):
        if (kind, chosen) not in known:
            yield combinations.no_function(chosen)


def _kinds_and_names(toolbox: Toolbox) -> frozenset[tuple[str, str]]:
    return frozenset((tool["type"], tool[tool["type"]]["name"]) for tool in toolbox.fields["tools"])


def _chosen(choice: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the types and names in a tool_choice, in any of its forms."""
    if "allowed_tools" in choice:
        return [named for tool in choice["allowed_tools"]["tools"] for named in _chosen(tool)]
    kind = str(choice.get("type"))
    chosen = as_object(choice.get(kind)).get("name")
    return [(kind, chosen)] if isinstance(chosen, str) else []


def never(subject: Subject) -> Iterator[APIError]:
    """Refuse tools on search models (404)."""
    if subject.body["tools"]:
        yield models.no_tools()


def takes_no_tools(model: Model) -> bool:
    """Return True if a model takes no tools."""
    return model.function_tools == "never"


def with_effort(subject: Subject) -> Iterator[APIError]:
    """Refuse function tools together with reasoning, from gpt-5.4 on.

    gpt-5.4 and 5.5 take the tools while no effort is asked for (openai/openai-openapi#541), later ones only with effort
    `none` (GoogleChromeLabs/webmcp-tools#417, genkit-ai/genkit#6303).
    """
    asked = subject.body.get("reasoning_effort")
    effort = asked if subject.model.function_tools == "unasked" else subject.effort
    if effort in {None, "none"}:
        return
    if any(tool["type"] == "function" for tool in subject.body["tools"]):
        yield models.tools_with_effort(subject.model.id, _INSTEAD[subject.model.function_tools])


def takes_tools_unreasoned(model: Model) -> bool:
    """Return True if a model takes function tools only without reasoning."""
    return model.function_tools in _INSTEAD


_INSTEAD: Final[Mapping[str, str]] = {
    "unasked": "Please use /v1/responses instead.",
    "unreasoned": "To use function tools, use /v1/responses or set reasoning_effort to 'none'.",
}


def parallel_tool_calls(subject: Subject) -> Iterator[APIError]:
    """Only with tools (rules#combinations)."""
    if subject.body.get("tools") is None:
        yield combinations.only_with_list("parallel_tool_calls", "tools")


def function_call(subject: Subject) -> Iterator[APIError]:
    """Only with functions, and only of these."""
    if not subject.body.get("functions"):
        yield combinations.only_with_list("function_call", "functions")
        return
    chosen = as_object(subject.body["function_call"]).get("name")
    if chosen is not None and chosen not in {function["name"] for function in subject.body["functions"]}:
        yield combinations.no_function(chosen)


@_of_tools
def tool_schemas(fields: Mapping[str, Any]) -> Iterator[APIError]:
    """Check functions' parameters against the subset of JSON Schema the API supports (schemas#sentences)."""
    for place, tool in enumerate(fields["tools"]):
        if tool["type"] == "function":
            yield from _schema(f"tools[{place}].function.parameters", tool["function"])


@_of_tools
def function_schemas(fields: Mapping[str, Any]) -> Iterator[APIError]:
    """Check the parameters of legacy functions likewise."""
    for place, function in enumerate(fields["functions"]):
        yield from _schema(f"functions[{place}].parameters", function)


_NONE: Final[dict[str, Any]] = {"type": "object", "properties": {}}


def _schema(path: str, function: dict[str, Any]) -> Iterator[APIError]:
    """Check a function's parameters; `{}` means none, as leaving them out does, which is not strict.

    See schemas#sentences.
    """
    parameters = function.get("parameters")
    if not parameters and not function.get("strict"):
        return
    from chatdouble.json_schema.strict import find_fault  # noqa: PLC0415 - for requests with schemas
    from chatdouble.validation.wording.schemas import invalid_schema  # noqa: PLC0415 - as above

    fault = find_fault(parameters or _NONE, of_function=True, strict=bool(function.get("strict")))
    if fault:
        yield invalid_schema(fault, f"function '{function['name']}'", path, "invalid_function_parameters")
