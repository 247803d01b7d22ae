"""The items of tools that are the API's own, such as a web search, made of the calls that a backend writes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from chatdouble.answer.responses.picture import picture
from chatdouble.backend import Call
from chatdouble.core.chance import ItemIds
from chatdouble.core.json import as_array, as_object, encode, is_object, json_body, objects_in
from chatdouble.schema.completion import ToolCall
from chatdouble.schema.responses.answer import OutputItem
from chatdouble.schema.responses.request import Include, ResponsesRequest
from chatdouble.schema.texts import last_user_text, without_directives

Fields = dict[str, Any]


def name_of(made: ToolCall) -> str:
    """Return the name of the tool that a call calls."""
    return made["custom"]["name"] if made["type"] == "custom" else made["function"]["name"]


def _input(made: ToolCall) -> str:
    return made["custom"]["input"] if made["type"] == "custom" else made["function"]["arguments"]


@dataclass(frozen=True, slots=True)
class HostedCall:
    """A call of a tool that is the API's own.

    Attributes:
        call: The call to answer.
        made: The tool's call, whose arguments are the item's fields, or a text.
        ids: The ids of the response's items.
        at: The number of the tool's call.
    """

    call: Call
    made: ToolCall
    ids: ItemIds
    at: int

    @property
    def tool(self) -> Mapping[str, Any]:
        """The tool as the request offers it."""
        name = name_of(self.made)
        offered = objects_in(self.call.sent.get("tools"))
        return next((tool for tool in offered if tool.get("type") == name), Fields())

    @property
    def fields(self) -> Fields:
        """The fields that the arguments give."""
        return json_body(_input(self.made).encode())

    @property
    def text(self) -> str:
        """The arguments that are no object, else the user's text."""
        given = "" if self.fields else _input(self.made).strip()
        asked = "" if given == "{}" else given
        return asked or without_directives(last_user_text(self.call.body))

    @property
    def call_id(self) -> str:
        """The id by which a client answers."""
        return self.made["id"] or self.ids.id("call", self.at)

    def includes(self, part: Include) -> bool:
        """Tell whether the request asks for a part of the item."""
        request = cast("ResponsesRequest", self.call.original and self.call.original.request)
        return request.includes(part)

    def item(self, prefix: str, kind: str, fields: Mapping[str, Any], status: str | None = "completed") -> OutputItem:
        """Return an item: its id, type and status, and the rest in the order of the names (responses#bodies)."""
        head = {"id": self.ids.id(prefix, self.at), "type": kind, **({"status": status} if status else {})}
        return cast("OutputItem", {**head, **{name: fields[name] for name in sorted(fields)}})


def hosted_items(asked: HostedCall) -> Iterator[OutputItem]:
    """Yield the items of a call: what the call leaves out is made from the request."""
    name = name_of(asked.made)
    kind = next((one for one in _KINDS if name.startswith(one)), name)
    if kind == "mcp":
        yield from _mcp(asked)
        return
    prefix, make = _KINDS.get(kind, (kind, _unknown))
    given = {name: value for name, value in asked.fields.items() if name not in _SHORT}
    yield asked.item(prefix, f"{kind}_call", {**make(asked), **given})


_SHORT: Final = frozenset({"query"})
"""Arguments that stand for a field with more in it."""


def _unknown(_asked: HostedCall) -> Fields:
    return {}


def _web_search(asked: HostedCall) -> Fields:
    query = str(asked.fields.get("query") or asked.text)
    action: Fields = {"type": "search", "queries": [query], "query": query}
    if asked.includes("web_search_call.action.sources"):
        action["sources"] = [{"type": "url", "url": "https://example.com/"}]
    return {"action": action}


def _file_search(asked: HostedCall) -> Fields:
    found: list[Fields] = [
        {"attributes": {}, "file_id": "file-example", "filename": "example.txt", "score": 0.5, "text": asked.text}
    ]
    return {"queries": [asked.text], "results": found if asked.includes("file_search_call.results") else None}


def _code_interpreter(asked: HostedCall) -> Fields:
    container = asked.tool.get("container")
    made = f"cntr_{asked.call.chance.at('container').hex(48)}"
    logs = [{"type": "logs", "logs": ""}] if asked.includes("code_interpreter_call.outputs") else None
    return {"code": asked.text, "container_id": container if isinstance(container, str) else made, "outputs": logs}


def _image_generation(asked: HostedCall) -> Fields:
    tool = asked.tool
    size = str(tool.get("size") or "auto")
    return {
        "background": "opaque" if tool.get("background") in {None, "auto"} else tool["background"],
        "output_format": "png",
        "quality": "low" if tool.get("quality") in {None, "auto"} else tool["quality"],
        "result": picture("1024x1024" if size == "auto" else size),
        "revised_prompt": asked.text,
        "size": "1024x1024" if size == "auto" else size,
    }


def _shell(asked: HostedCall) -> Fields:
    action = {"commands": [asked.text], "max_output_length": None, "timeout_ms": None}
    return {"action": action, "call_id": asked.call_id}


def _local_shell(asked: HostedCall) -> Fields:
    return {"action": {"type": "exec", "command": asked.text.split(), "env": {}}, "call_id": asked.call_id}


def _apply_patch(asked: HostedCall) -> Fields:
    operation = {"type": "create_file", "diff": f"+{asked.text}\n", "path": "example.txt"}
    return {"call_id": asked.call_id, "operation": operation}


def _computer(asked: HostedCall) -> Fields:
    return {"action": {"type": "screenshot"}, "call_id": asked.call_id, "pending_safety_checks": []}


def _mcp(asked: HostedCall) -> Iterator[OutputItem]:
    """Yield the list of a server's tools, unless the conversation has it, and a call or the request to approve it."""
    sent = asked.call.sent
    given = _mcp_fields(asked.tool, asked.made)
    if not sent.get("previous_response_id") and not _given(sent, _LIST):
        listed = {"annotations": None, "description": None, "input_schema": {"type": "object"}, "name": given["name"]}
        yield asked.item("mcpl", _LIST, {"server_label": given["server_label"], "tools": [listed]}, None)
    answers = _given(sent, _APPROVAL)
    if waits_for_approval(sent, asked.made):
        yield asked.item("mcpr", "mcp_approval_request", {key: given[key] for key in _REQUESTED}, None)
    elif not answers or answers[-1].get("approve") is True:
        approval = answers[-1].get("approval_request_id") if answers else None
        yield asked.item("mcp", "mcp_call", {"approval_request_id": approval, "error": None, "output": "", **given})


_LIST: Final = "mcp_list_tools"
_APPROVAL: Final = "mcp_approval_response"
_REQUESTED: Final = ("arguments", "name", "server_label")


def _given(sent: Mapping[str, Any], kind: str) -> list[Fields]:
    return [item for item in objects_in(sent.get("input")) if item.get("type") == kind]


def waits_for_approval(sent: Mapping[str, Any], made: ToolCall) -> bool:
    """Tell whether the client must approve a call of an MCP server before it is made.

    Args:
        sent: The request as it was sent.
        made: The call.
    """
    name = name_of(made)
    offered = objects_in(sent.get("tools"))
    tool: Mapping[str, Any] = next((tool for tool in offered if tool.get("type") == name), Fields())
    if name != "mcp" or _given(sent, _APPROVAL):
        return False
    rule = tool.get("require_approval") or "always"
    if isinstance(rule, str):
        return rule == "always"
    return _mcp_fields(tool, made)["name"] not in as_array(as_object(as_object(rule).get("never")).get("tool_names"))


def _mcp_fields(tool: Mapping[str, Any], made: ToolCall) -> Fields:
    """Return the fields of a call: of a text, the first word is the tool's name, and the rest are its arguments."""
    fields = json_body(_input(made).encode())
    text = "" if fields or _input(made) == "{}" else _input(made).strip()
    name, _, arguments = text.partition(" ")
    allowed = tool.get("allowed_tools")
    names = as_array(allowed.get("tool_names") if is_object(allowed) else allowed)
    found = {"name": name or str(next(iter(names), "tool")), "arguments": arguments.strip() or "{}"}
    given = {**found, "server_label": tool.get("server_label"), **fields}
    if not isinstance(given["arguments"], str):
        given["arguments"] = encode(given["arguments"]).decode()
    return given


_KINDS: Final[Mapping[str, tuple[str, Callable[[HostedCall], Fields]]]] = {
    "web_search": ("ws", _web_search),
    "file_search": ("fs", _file_search),
    "code_interpreter": ("ci", _code_interpreter),
    "image_generation": ("ig", _image_generation),
    "mcp": ("mcp", _unknown),
    "shell": ("sh", _shell),
    "apply_patch": ("apc", _apply_patch),
    "local_shell": ("lsh", _local_shell),
    "computer": ("cu", _computer),
}
"""The prefixes of the ids of hosted tools' items (responses#ids), and what makes the fields of the items."""
