"""The calls of tools that are the API's own, such as a web search, which echo makes on request."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chatdouble.answer.responses.hosted import name_of, waits_for_approval
from chatdouble.core.json import as_object, objects_in
from chatdouble.schema.completion import ToolCall
from chatdouble.schema.texts import directives_in, since_last_user

_CLIENTS: Final = frozenset({"function", "custom"})
_ANSWERED: Final = ("shell", "local_shell", "apply_patch", "computer")
"""The beginnings of the types of tools whose calls the client answers."""


_MOST: Final = 128


def hosted_calls(body: Mapping[str, Any], text: str) -> list[ToolCall]:
    """Return the calls of hosted tools that a request asks for; none after a client has answered one.

    A directive of the last user text names the tool by its type, or by the beginning of it. Without one, the tool that
    `tool_choice` names is called, and with `required` the first tool if all are hosted.

    Args:
        body: The request in the terms of chat completions.
        text: The last user text.
    """
    tools = [*objects_in(body.get("tools"))]
    offered = [str(tool.get("type")) for tool in tools if tool.get("type") not in _CLIENTS]
    if not offered or body.get("tool_choice") == "none":
        return []
    if any(message.get("role") == "tool" for message in since_last_user(body)):
        return []
    directed = [*_directed(offered, text)]
    if directed:
        return directed
    choice = body.get("tool_choice")
    if choice == "required" and len(offered) == len(tools):
        return [_call(offered[0])]
    named = as_object(choice).get("type")
    return [_call(named)] if named in offered else []


def _directed(offered: list[str], text: str) -> Iterator[ToolCall]:
    for directive in directives_in(text):
        if directive.name == "call" and directive.value:
            name, _, given = directive.value.partition(" ")
            kind = next((kind for kind in offered if kind.startswith(name)), None)
            if kind is not None:
                yield _call(kind, given.strip())


def _call(kind: str, given: str = "") -> ToolCall:
    return {"id": "", "type": "function", "function": {"name": kind, "arguments": given}}


def within_limit(calls: list[ToolCall], sent: Mapping[str, Any]) -> list[ToolCall]:
    """Return the calls that the request's `max_tool_calls` allows, and never more than 128."""
    most = sent.get("max_tool_calls")
    return calls[: min(most, _MOST) if isinstance(most, int) and most >= 0 else _MOST]


def ends_turn(sent: Mapping[str, Any], calls: list[ToolCall]) -> bool:
    """Tell whether the client must answer or approve one of the calls, so that there is no text yet."""
    return any(name_of(made).startswith(_ANSWERED) or waits_for_approval(sent, made) for made in calls)
