"""A response as the reply of a rule that gives it again."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from chatdouble.core.json import as_object, objects_in
from chatdouble.importers.items import escaped

Fields = dict[str, Any]
Item = Mapping[str, Any]

_FINISHES: Final = {"max_output_tokens": "length", "content_filter": "content_filter"}
_MADE: Final = frozenset({"id", "type", "status", "call_id"})
"""The fields of a hosted tool's item that are made anew."""

_UNCALLED: Final = frozenset({"message", "reasoning", "mcp_list_tools", "compaction"})


def reply_of_response(response: Mapping[str, Any]) -> Fields:
    """Return the reply; what replies compute is left out.

    Args:
        response: The response, whose tools tell which of its calls are hosted ones.
    """
    items = objects_in(response.get("output"))
    parts = [part for item in items if item.get("type") == "message" for part in objects_in(item.get("content"))]
    made: Fields = {}
    for key, text in (
        ("reasoning_content", _texts(_reasoning(items))),
        ("text", _texts(part.get("text") for part in parts)),
        ("refusal", _texts(part.get("refusal") for part in parts)),
    ):
        if text:
            made[key] = escaped(text)
    if calls := [*_calls(items, [str(tool.get("type")) for tool in objects_in(response.get("tools"))])]:
        made["tool_calls"] = calls
    if notes := [_citation(note) for part in parts for note in objects_in(part.get("annotations")) if "url" in note]:
        made["annotations"] = notes
    reason = as_object(response.get("incomplete_details")).get("reason")
    if reason in _FINISHES:
        made["finish_reason"] = _FINISHES[reason]
    return made or {"text": ""}


def _texts(found: Iterator[Any]) -> str:
    return "".join(text for text in found if isinstance(text, str))


def _reasoning(items: list[Fields]) -> Iterator[Any]:
    for item in items:
        if item.get("type") == "reasoning":
            parts = [*objects_in(item.get("content")), *objects_in(item.get("summary"))]
            yield from (part.get("text") for part in parts)


def _calls(items: list[Fields], tools: list[str]) -> Iterator[Fields]:
    for item in items:
        kind = str(item.get("type"))
        if kind == "function_call":
            function = {"name": item.get("name"), "arguments": item.get("arguments")}
            yield {"id": item.get("call_id"), "type": "function", "function": function}
        elif kind == "custom_tool_call":
            custom = {"name": item.get("name"), "input": escaped(item.get("input"))}
            yield {"id": item.get("call_id"), "type": "custom", "custom": custom}
        elif kind not in _UNCALLED:
            name = "mcp" if kind.startswith("mcp") else kind.removesuffix("_call")
            fields = {key: escaped(value) for key, value in item.items() if key not in _MADE}
            yield {"name": next((tool for tool in tools if tool.startswith(name)), name), "arguments": fields}


def _citation(note: Item) -> Fields:
    cited = {key: note.get(key) for key in ("end_index", "start_index", "title", "url")}
    return {"type": "url_citation", "url_citation": cited}
