"""The tools a request offers, whichever way it words them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from chatdouble.core.json import as_object, is_object, objects_in
from chatdouble.schema.toolbox import Toolbox, offers_tools, toolbox_of

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool.

    Attributes:
        name: Its name.
        kind: Whether it is a function, a custom tool, or a function in the legacy form.
        definition: What the request says of it.
    """

    name: str
    kind: Literal["function", "custom", "legacy"]
    definition: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class OfferedTools:
    """What a request lets the model call.

    Attributes:
        tools: The tools it may call, in the request's order.
        must: Whether it must call one.
        several: Whether it may call more than one at once.
    """

    tools: tuple[Tool, ...] = ()
    must: bool = False
    several: bool = True

    def find(self, name: str) -> Tool | None:
        """Return the tool of a name, or None."""
        return next((tool for tool in self.tools if tool.name == name), None)


def offered_tools(body: Body) -> OfferedTools:
    """Return what a request lets the model call; its `tools`, or else its `functions` (requests#tools).

    Args:
        body: The request as it was sent.
    """
    if not offers_tools(body):
        return OfferedTools()
    tools = toolbox_of(body).once(_offered)
    if tools and tools[0].kind != "legacy":
        return _chosen(tools, body.get("tool_choice"), several=body.get("parallel_tool_calls") is not False)
    choice = body.get("function_call")
    return _chosen(tools, {"function": choice} if is_object(choice) else choice, several=False)


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


def _chosen(tools: tuple[Tool, ...], choice: Any, *, several: bool) -> OfferedTools:
    """Return the offer that a tool_choice leaves."""
    if choice == "none":
        return OfferedTools()
    if not is_object(choice):
        return OfferedTools(tools, must=choice == "required", several=several)
    allowed = choice.get("allowed_tools")
    if is_object(allowed):
        names = {_name(one) for one in objects_in(allowed.get("tools"))}
        kept = tuple(tool for tool in tools if tool.name in names)
        return OfferedTools(kept, must=allowed.get("mode") == "required", several=several)
    named = tuple(tool for tool in tools if tool.name == _name(choice))
    return OfferedTools(named, must=True, several=False)


def _name(named: Mapping[str, Any]) -> str:
    return str(as_object(named.get("function") or named.get("custom")).get("name"))


@dataclass(frozen=True, slots=True)
class WantedCall:
    """A tool to call.

    Attributes:
        tool: The tool.
        written: The arguments or the input as a mark has them, if it does.
    """

    tool: Tool
    written: str | None = None
