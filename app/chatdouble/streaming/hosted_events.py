"""The events of the calls of tools that are the API's own (responses#streams)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from chatdouble.core.json import as_array, as_object
from chatdouble.streaming.deltas import TextCutter
from chatdouble.streaming.response_event import Deltas, Step, event

Fields = dict[str, Any]
Item = Mapping[str, Any]


def opened_hosted(item: Item) -> Fields:
    """Return the item of a hosted tool as it begins, without what it has only at its end."""
    progress = {"status": "in_progress"} if "status" in item else {}
    make = _EMPTY.get(str(item.get("type")))
    empty = make(item) if make is not None else {}
    return {name: value for name, value in {**item, **progress, **empty}.items() if value is not _ABSENT}


_ABSENT: Final = object()
_DRAWN: Final = ("action", "background", "output_format", "quality", "result", "revised_prompt", "size")

_EMPTY: Final[Mapping[str, Callable[[Item], Fields]]] = {
    "web_search_call": lambda item: {"action": {"type": as_object(item.get("action")).get("type")}},
    "file_search_call": lambda _item: {"queries": [], "results": None},
    "code_interpreter_call": lambda _item: {"code": "", "outputs": None},
    "image_generation_call": lambda _item: dict.fromkeys(_DRAWN, _ABSENT),
    "mcp_list_tools": lambda _item: {"tools": []},
    "mcp_call": lambda _item: {"arguments": "", "error": None, "output": None},
    "shell_call": lambda item: {"action": {**as_object(item.get("action")), "commands": []}},
    "local_shell_call": lambda item: {"action": {**as_object(item.get("action")), "command": []}},
    "apply_patch_call": lambda item: {"operation": _without_diff(as_object(item.get("operation")))},
}
"""The fields of items that have not run yet, as recorded."""


def _without_diff(operation: Item) -> Fields:
    return {**operation, "diff": ""} if "diff" in operation else dict(operation)


def hosted_events(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    """Yield the events between the beginning and the end of a hosted tool's item."""
    kind = str(item.get("type"))
    inner = _INNER.get(kind)
    if inner is not None:
        yield from inner(item, where, cut)
        return
    for step in _STEPS.get(kind, ()):
        yield event(f"{kind}.{step}", **where)


_STEPS: Final[Mapping[str, tuple[str, ...]]] = {
    "web_search_call": ("in_progress", "searching", "completed"),
    "file_search_call": ("in_progress", "searching", "completed"),
    "image_generation_call": ("in_progress", "generating", "completed"),
    "mcp_list_tools": ("in_progress", "completed"),
}
"""The stages of the calls that nothing is streamed of."""


def _code(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    code = str(item.get("code") or "")
    yield event("code_interpreter_call.in_progress", **where)
    yield Deltas(event("code_interpreter_call_code.delta", **where), cut(code))
    yield event("code_interpreter_call_code.done", **where, code=code)
    yield event("code_interpreter_call.interpreting", **where)
    yield event("code_interpreter_call.completed", **where)


def _mcp(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    arguments = str(item.get("arguments") or "")
    yield event("mcp_call.in_progress", **where)
    yield Deltas(event("mcp_call_arguments.delta", **where), cut(arguments))
    yield event("mcp_call_arguments.done", **where, arguments=arguments)
    yield event("mcp_call.failed" if item.get("error") else "mcp_call.completed", **where)


def _patch(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    diff = as_object(item.get("operation")).get("diff")
    if not isinstance(diff, str):
        return
    yield Deltas(event("apply_patch_call_operation_diff.delta", **where), cut(diff))
    yield event("apply_patch_call_operation_diff.done", **where, diff=diff)


def _shell(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    for index, command in enumerate(as_array(as_object(item.get("action")).get("commands"))):
        at = {"command_index": index, "output_index": where["output_index"]}
        yield event("shell_call_command.added", **at, command="")
        yield Deltas(event("shell_call_command.delta", **at), cut(str(command)))
        yield event("shell_call_command.done", **at, command=command)


_INNER: Final[Mapping[str, Callable[[Item, Mapping[str, Any], TextCutter], Iterator[Step]]]] = {
    "code_interpreter_call": _code,
    "mcp_call": _mcp,
    "apply_patch_call": _patch,
    "shell_call": _shell,
}
