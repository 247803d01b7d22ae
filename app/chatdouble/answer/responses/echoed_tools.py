"""The tools of a response, which repeat those of its request with the API's defaults (responses#echo)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from chatdouble.core.json import as_object, is_object
from chatdouble.json_schema.tighten import tightened

Fields = dict[str, Any]

_PLACE: Final = {"type": "approximate", "city": None, "country": "US", "region": None, "timezone": None}
_SEARCH: Final = {"search_context_size": "medium", "user_location": _PLACE}
_DEFAULTS: Final[Mapping[str, Fields]] = {
    "web_search": {"return_token_budget": "default", "search_content_types": ["text"], **_SEARCH},
    "web_search_preview": _SEARCH,
    "file_search": {
        "filters": None,
        "max_num_results": 20,
        "ranking_options": {"ranker": "auto", "score_threshold": 0.0},
    },
    "image_generation": {
        "background": "auto",
        "model": "gpt-image-1",
        "moderation": "auto",
        "n": 1,
        "output_compression": 100,
        "output_format": "png",
        "quality": "auto",
        "size": "auto",
    },
}
_NOT_REPEATED: Final = frozenset({"type", "action", "input_image_mask"})


def echoed_tool(tool: Mapping[str, Any]) -> Fields:
    """Return a tool as the API repeats it; a hosted one has its options in the order of their names."""
    kind: str = tool["type"]
    echo = _TOOLS.get(kind)
    if echo is not None:
        return echo(tool)
    sent = {name: value for name, value in tool.items() if name not in _NOT_REPEATED and value is not None}
    if is_object(sent.get("user_location")):
        sent["user_location"] = {**_PLACE, "country": None, **sent["user_location"]}
    options = {**_DEFAULTS.get(kind, {}), **sent}
    return {"type": kind, **{name: options[name] for name in sorted(options)}}


def _function(tool: Mapping[str, Any]) -> Fields:
    parameters = as_object(tool.get("parameters"))
    return {
        "type": "function",
        "description": tool.get("description") or None,
        "name": tool.get("name"),
        "output_schema": tool.get("output_schema"),
        "parameters": tightened(parameters) if "strict" not in tool or not parameters else parameters,
        "strict": tool.get("strict", True) is True,
    }


def _custom(tool: Mapping[str, Any]) -> Fields:
    form = as_object(tool.get("format")) or {"type": "text"}
    if form["type"] == "grammar":
        form = {"type": "grammar", "definition": form["definition"], "syntax": form["syntax"]}
    return {"type": "custom", "description": tool.get("description"), "format": form, "name": tool.get("name")}


def _mcp(tool: Mapping[str, Any]) -> Fields:
    approval = tool.get("require_approval") or "always"
    if is_object(approval):
        approval = {"always": _filter(approval.get("always")), "never": _filter(approval.get("never"))}
    return {
        "type": "mcp",
        "allowed_tools": tool.get("allowed_tools"),
        # The API does not repeat headers, which may hold keys.
        "headers": None,
        "require_approval": approval,
        "server_description": tool.get("server_description"),
        "server_label": tool.get("server_label"),
        "server_url": _origin(tool.get("server_url")),
    }


def _filter(given: Any) -> Fields | None:
    return {"read_only": None, "tool_names": None, **given} if is_object(given) else None


def _origin(url: Any) -> str | None:
    """Return a URL without its path, which may hold a key."""
    if not isinstance(url, str):
        return None
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/<redacted>"


_TOOLS: Final[Mapping[str, Callable[[Mapping[str, Any]], Fields]]] = {
    "function": _function,
    "custom": _custom,
    "mcp": _mcp,
}
