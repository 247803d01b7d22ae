"""The items of a conversation as the messages of a chat completion."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from chatdouble.core.json import encode, is_array, objects_in

Item = Mapping[str, Any]
Message = dict[str, Any]


def messages_of(items: Iterable[Item]) -> list[Message]:
    """Return the messages that stand for items.

    The calls and the text of one turn are one message of the assistant, as chat completions have it. Reasoning and what
    hosted tools did are no part of a chat, so these items are left out.

    Args:
        items: The items of a valid request, references to others resolved.
    """
    messages: list[Message] = []
    for item in items:
        kind = item.get("type") or "message"
        if kind == "message":
            messages.append(_message(item))
        elif (called := tool_call(item)) is not None:
            _add_call(messages, called)
        elif kind.endswith("_output") and item.get("call_id"):
            messages.append(_result(item))
    return messages


def tool_call(item: Item) -> dict[str, Any] | None:
    """Return the tool call of chat completions that stands for an item; None: the client need not answer it."""
    kind: str = item.get("type") or ""
    if kind == "function_call":
        return _function(item, str(item.get("name")), str(item.get("arguments")))
    if kind == "custom_tool_call":
        custom = {"name": item.get("name"), "input": item.get("input")}
        return {"id": item.get("call_id"), "type": "custom", "custom": custom}
    if kind in _CLIENT_CALLS:
        return _function(item, kind.removesuffix("_call"), encode(item.get(_CLIENT_CALLS[kind]) or {}).decode())
    return None


_CLIENT_CALLS: Final[Mapping[str, str]] = {
    "computer_call": "action",
    "local_shell_call": "action",
    "shell_call": "action",
    "apply_patch_call": "operation",
}
"""The calls that clients answer themselves, and the field with what to do."""


def _function(item: Item, name: str, arguments: str) -> dict[str, Any]:
    return {
        "id": item.get("call_id") or "",
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }


def _add_call(messages: list[Message], called: dict[str, Any]) -> None:
    """Add a call to the assistant's message before it, or begin one."""
    if not messages or messages[-1]["role"] != "assistant":
        messages.append({"role": "assistant", "content": None})
    messages[-1].setdefault("tool_calls", []).append(called)


def _message(item: Item) -> Message:
    content, role = item.get("content", ""), str(item.get("role") or "user")
    if role == "assistant" and is_array(content):
        return _assistant(content)
    return {"role": role, "content": _content(content)}


def _assistant(parts: list[Any]) -> Message:
    """Return an answer's message: its texts joined, and its refusal."""
    texts = [str(part.get("text")) for part in objects_in(parts) if "text" in part]
    refusals = [str(part["refusal"]) for part in objects_in(parts) if "refusal" in part]
    message: Message = {"role": "assistant", "content": "".join(texts) if texts or not refusals else None}
    return {**message, "refusal": "".join(refusals)} if refusals else message


def _result(item: Item) -> Message:
    output = item.get("output")
    if item.get("type") == "shell_call_output":
        output = "".join(f"{run.get('stdout', '')}{run.get('stderr', '')}" for run in objects_in(output))
    given = output if isinstance(output, str) or is_array(output) else encode(output).decode()
    return {"role": "tool", "tool_call_id": item["call_id"], "content": _content(given)}


def _content(content: Any) -> Any:
    if isinstance(content, str):
        return content
    return [part for given in objects_in(content) if (part := _part(given)) is not None]


def _part(given: Item) -> dict[str, Any] | None:
    make = _PARTS.get(str(given.get("type")))
    return None if make is None else make(given)


def _text(part: Item) -> dict[str, Any]:
    return {"type": "text", "text": part["text"]}


def _image(part: Item) -> dict[str, Any]:
    detail = {"detail": part["detail"]} if part.get("detail") else {}
    return {"type": "image_url", "image_url": {"url": part.get("image_url") or part.get("file_id") or "", **detail}}


def _file(part: Item) -> dict[str, Any]:
    kept = ("file_id", "filename", "file_data")
    return {"type": "file", "file": {name: part[name] for name in kept if part.get(name) is not None}}


def _audio(part: Item) -> dict[str, Any]:
    return {"type": "input_audio", "input_audio": part["input_audio"]}


_PARTS: Final[Mapping[str, Callable[[Item], dict[str, Any]]]] = {
    "input_text": _text,
    "output_text": _text,
    "input_image": _image,
    "computer_screenshot": _image,
    "input_file": _file,
    "input_audio": _audio,
}
