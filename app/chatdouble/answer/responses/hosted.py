"""The items of tools that the API runs itself, made of the calls that a script writes."""

from typing import Final, cast

from chatdouble.core.ids import ItemIds
from chatdouble.core.json import json_body
from chatdouble.schema.completion import ToolCall
from chatdouble.schema.responses.answer import OutputItem


def name_of(made: ToolCall) -> str:
    """Return the name of the tool that a call calls."""
    return made["custom"]["name"] if made["type"] == "custom" else made["function"]["name"]


def _input(made: ToolCall) -> str:
    return made["custom"]["input"] if made["type"] == "custom" else made["function"]["arguments"]


_PREFIXES: Final = {
    "web_search": "ws",
    "file_search": "fs",
    "code_interpreter": "ci",
    "image_generation": "ig",
    "mcp": "mcp",
    "shell": "sh",
    "apply_patch": "apc",
    "local_shell": "lsh",
    "computer": "cu",
}
"""The prefixes of the ids of hosted tools' items (responses#ids)."""


def hosted_item(made: ToolCall, ids: ItemIds, at: int) -> OutputItem:
    """Return the item of a tool that the API runs itself; the call's arguments are the item's own fields."""
    name = name_of(made)
    kind = next((one for one in _PREFIXES if name.startswith(one)), name)
    fields = json_body(_input(made).encode())
    if kind == "web_search" and "action" not in fields:
        query = str(fields.pop("query", ""))
        fields = {"action": {"type": "search", "queries": [query], "query": query}, **fields}
    if kind in _ANSWERED_BY_CLIENTS:
        fields = {"call_id": made["id"], **fields}
    head = {"id": ids.id(_PREFIXES.get(kind, kind), at), "type": f"{kind}_call", "status": "completed"}
    return cast("OutputItem", {**head, **fields})


_ANSWERED_BY_CLIENTS: Final = frozenset({"shell", "local_shell", "apply_patch", "computer"})
