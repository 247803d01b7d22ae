"""Rules about the items of a conversation: calls and their outputs, reasoning, and what is stored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.validation.responses import wording

Item = Mapping[str, Any]

_IDS: Final = frozenset({"id", "call_id"})
_NOUNS: Final = {
    "function_call": "function call",
    "custom_tool_call": "custom tool call",
    "computer_call": "computer call",
    "local_shell_call": "local shell call",
    "shell_call": "shell call",
    "apply_patch_call": "apply patch call",
}
"""The calls that need an output, by the words of the API's error; only the first three were seen."""


def faults(items: Sequence[Item], before: int, made_after: Mapping[str, str]) -> Iterator[APIError]:
    """Yield what is wrong with a conversation (responses#conversation).

    Args:
        items: The items of the whole conversation.
        before: How many of them are of earlier responses; references among the rest are resolved.
        made_after: The reasoning items after which stored items were made, both by their ids.
    """
    if len(items) == 1 and _IDS.isdisjoint(items[0]):
        return  # most are a text, which refers to nothing
    yield from _duplicates(items)
    yield from _calls(items)
    yield from _reasoning(items, before, made_after)


def _duplicates(items: Sequence[Item]) -> Iterator[APIError]:
    seen: set[str] = set()
    for item in items:
        item_id = item.get("id")
        if isinstance(item_id, str) and item_id:
            if item_id in seen:
                yield wording.duplicate(item_id)
            seen.add(item_id)


def _calls(items: Sequence[Item]) -> Iterator[APIError]:
    """Yield the outputs without a call before them, and the calls without an output after them."""
    open_calls: dict[str, str] = {}
    known: set[str] = set()
    for item in items:
        kind, call_id = str(item.get("type")), item.get("call_id")
        if not isinstance(call_id, str):
            continue
        if kind in _NOUNS:
            open_calls[call_id] = kind
            known.add(call_id)
        elif kind.endswith("_output"):
            if call_id not in known:
                yield wording.no_call(call_id)
            open_calls.pop(call_id, None)
    for call_id, kind in open_calls.items():
        yield wording.no_output(_NOUNS[kind], call_id)


def _reasoning(items: Sequence[Item], before: int, made_after: Mapping[str, str]) -> Iterator[APIError]:
    """Yield items that come without the reasoning before them, and reasoning that comes alone."""
    given = {item.get("id") for item in items if item.get("type") == "reasoning"}
    for index, item in enumerate(items[before:], before):
        kind, item_id = str(item.get("type") or "message"), item.get("id")
        needed = made_after.get(str(item_id))
        if needed is not None and needed not in given:
            yield wording.reasoning_left_out(str(item_id), kind, needed)
        if kind == "reasoning" and isinstance(item_id, str) and not _is_followed(items, index):
            yield wording.reasoning_alone(item_id)


def _is_followed(items: Sequence[Item], index: int) -> bool:
    """Tell whether the next item is one that a model made after it had reasoned: a message has an id then."""
    if index + 1 == len(items):
        return False
    following = items[index + 1]
    kind = str(following.get("type") or "message")
    if kind == "message":
        return following.get("role") == "assistant" and "id" in following
    return not kind.endswith("_output")
