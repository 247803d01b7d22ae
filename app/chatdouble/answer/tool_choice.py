"""The tools that a request offers, in any of the API's forms, after its `tool_choice`."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from chatdouble.core.json import as_object, is_object, objects_in
from chatdouble.schema.tools import Toolbox, toolbox_of

Body = Mapping[str, Any]


class Tool(NamedTuple):
    """A tool.

    Attributes:
        name: The tool's name.
        kind: A function, a custom tool, or a function in the legacy form.
        definition: The `function` or `custom` object of the request.
    """

    name: str
    kind: Literal["function", "custom", "legacy"]
    definition: Mapping[str, Any]


class WantedCall(NamedTuple):
    """A tool to call.

    Attributes:
        tool: The tool.
        input: The arguments or the input, if a directive gives them.
    """

    tool: Tool
    input: str | None = None


class OfferedTools(NamedTuple):
    """The tools that the model can call.

    Attributes:
        tools: The tools in the request's order.
        required: Whether the model must call one.
        parallel: Whether the model can call several at once.
    """

    tools: tuple[Tool, ...] = ()
    required: bool = False
    parallel: bool = True

    def find(self, name: str) -> Tool | None:
        """Return the tool with a name, or None."""
        return next((tool for tool in self.tools if tool.name == name), None)


def offered_tools(body: Body) -> OfferedTools:
    """Return the tools that the model can call: from `tools`, or from `functions` if there are none (requests#tools).

    Args:
        body: The request as it was sent.
    """
    if "tools" not in body and "functions" not in body:
        return OfferedTools()
    tools = toolbox_of(body).once(_offered)
    if tools and tools[0].kind != "legacy":
        return _chosen(tools, body.get("tool_choice"), parallel=body.get("parallel_tool_calls") is not False)
    choice = body.get("function_call")
    return _chosen(tools, {"function": choice} if is_object(choice) else choice, parallel=False)


def _offered(toolbox: Toolbox) -> tuple[Tool, ...]:
    return tuple(_tools(toolbox.fields)) or tuple(
        Tool(str(one.get("name")), "legacy", one) for one in objects_in(toolbox.fields["functions"])
    )


def _tools(fields: Mapping[str, Any]) -> Iterator[Tool]:
    for tool in objects_in(fields["tools"]):
        if is_object(custom := tool.get("custom")):
            yield Tool(str(custom.get("name")), "custom", custom)
        elif is_object(function := tool.get("function")):
            yield Tool(str(function.get("name")), "function", function)


def _chosen(tools: tuple[Tool, ...], choice: Any, *, parallel: bool) -> OfferedTools:
    """Apply a tool_choice."""
    if choice == "none":
        return OfferedTools()
    if not is_object(choice):
        return OfferedTools(tools, required=choice == "required", parallel=parallel)
    allowed = choice.get("allowed_tools")
    named = objects_in(allowed.get("tools")) if is_object(allowed) else [choice]
    names = {str(as_object(one.get("function") or one.get("custom")).get("name")) for one in named}
    kept = tuple(tool for tool in tools if tool.name in names)
    if is_object(allowed):
        return OfferedTools(kept, required=allowed.get("mode") == "required", parallel=parallel)
    return OfferedTools(kept, required=True, parallel=False)
