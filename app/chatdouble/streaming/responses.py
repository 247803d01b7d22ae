"""The events that stream a response (responses#streams)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.core.json import as_array, objects_in
from chatdouble.streaming.deltas import TextCutter
from chatdouble.streaming.hosted_events import hosted_events, opened_hosted
from chatdouble.streaming.response_event import Deltas, Event, Step, event

Item = Mapping[str, Any]

_ENDS: Final = {"completed": "completed", "incomplete": "incomplete", "failed": "failed", "cancelled": "failed"}


def text_cutter(call: Call) -> TextCutter:
    """Return the cutter for the texts of a call's response."""
    return TextCutter(call.services.tokens, call.model.encoding, call.delivery.chunk_tokens)


def opening(response: Mapping[str, Any]) -> Event:
    """Return a response as its stream begins with it."""
    opened: Event = {
        **response,
        "status": "in_progress",
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "output": [],
        "service_tier": "auto",
        "usage": None,
    }
    opened.pop("billing", None)
    return opened


def begun(response: Mapping[str, Any], *, background: bool = False) -> Iterator[Event]:
    """Yield the events that begin a response: created, and queued if it runs in the background, and in progress."""
    opened = opening(response)
    queued = {**opened, "status": "queued"}
    yield event("created", response=queued if background else opened)
    if background:
        yield event("queued", response=queued)
    yield event("in_progress", response=opened)


def events(response: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    """Yield the events of a response without their numbers and padding.

    Args:
        response: The response.
        cut: Cuts texts into the pieces of the deltas.
    """
    yield from begun(response, background=response.get("background") is True)
    for index, item in enumerate(objects_in(response.get("output"))):
        yield from item_events(index, item, cut)
    yield ended(response)


def item_events(index: int, item: Item, cut: TextCutter) -> Iterator[Step]:
    """Yield the events of an item of the output."""
    yield item_added(index, item)
    inner = _INNER.get(str(item.get("type")), hosted_events)
    yield from inner(item, {"item_id": item.get("id"), "output_index": index}, cut)
    yield event("output_item.done", output_index=index, item=item)


def item_added(index: int, item: Item) -> Event:
    """Return the event with which an item begins."""
    return event("output_item.added", output_index=index, item=_opened(item))


def ended(response: Mapping[str, Any]) -> Event:
    """Return the last event of a response."""
    last = {key: value for key, value in response.items() if key != "billing"}
    return event(_ENDS.get(str(response.get("status")), "completed"), response=last)


_EMPTY: Final[Mapping[str, Mapping[str, Any]]] = {
    "message": {"status": "in_progress", "content": []},
    "function_call": {"status": "in_progress", "arguments": ""},
    "custom_tool_call": {"status": "in_progress", "input": ""},
    "reasoning": {"summary": []},
}


def _opened(item: Item) -> dict[str, Any]:
    """Return an item as it begins."""
    known = _EMPTY.get(str(item.get("type")))
    if known is None:
        return opened_hosted(item)
    empty = dict(known)
    if item.get("content") and item.get("type") == "reasoning":
        empty["content"] = []
    return {**item, **empty}


def _message(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    for index, part in enumerate(objects_in(item.get("content"))):
        yield from _part(part, {**where, "content_index": index}, cut)


def _part(part: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    yield part_added(part, where)
    name, key = _names(part)
    notes, scores = objects_in(part.get("annotations")), as_array(part.get("logprobs"))
    if not notes and not scores:
        scored: Event = {"logprobs": []} if name == "output_text" else {}
        yield Deltas(event(f"{name}.delta", **where, **scored), cut(part[key]))
        yield from part_done(part, where)
        return
    sent, noted = 0, 0
    for piece, tokens in cut.with_tokens(part[key], scores):
        scored = {"logprobs": tokens} if name == "output_text" else {}
        yield event(f"{name}.delta", **where, **scored, delta=piece)
        sent += len(piece)
        # A note follows the piece with which its text ends (responses#streams).
        while noted < len(notes) and notes[noted].get("end_index", notes[noted].get("index", sent)) <= sent:
            yield _noted(notes, noted, where)
            noted += 1
    yield from part_done(part, where, noted)


def _noted(notes: Sequence[Item], index: int, where: Mapping[str, Any]) -> Event:
    return event("output_text.annotation.added", **where, annotation=notes[index], annotation_index=index)


def _names(part: Item) -> tuple[str, str]:
    """Return the beginning of the types of a part's events, and the key of its text."""
    return ("refusal", "refusal") if part["type"] == "refusal" else (part["type"], "text")


def part_added(part: Item, where: Mapping[str, Any]) -> Event:
    """Return the event with which a part of a message or of reasoning begins."""
    name, key = _names(part)
    opened = {**part, key: ""}
    if name == "output_text":
        opened |= {"annotations": [], "logprobs": []}
    return event("content_part.added", **where, part=opened)


def part_done(part: Item, where: Mapping[str, Any], noted: int = 0) -> Iterator[Event]:
    """Yield the events that end a part, after the deltas of its text and the first of its annotations."""
    notes = objects_in(part.get("annotations"))
    yield from (_noted(notes, index, where) for index in range(noted, len(notes)))
    name, key = _names(part)
    scored = {"logprobs": as_array(part.get("logprobs"))} if name == "output_text" else {}
    yield event(f"{name}.done", **where, **scored, **{key: part[key]})
    yield event("content_part.done", **where, part=part)


def message_done(index: int, item: Item, cut: TextCutter) -> Iterator[Step]:
    """Yield the events that end a message, of whose first part all deltas have been sent."""
    where = {"item_id": item.get("id"), "output_index": index}
    first, *others = objects_in(item.get("content"))
    yield from part_done(first, {**where, "content_index": 0})
    for at, part in enumerate(others, 1):
        yield from _part(part, {**where, "content_index": at}, cut)
    yield event("output_item.done", output_index=index, item=item)


def _function(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    yield Deltas(event("function_call_arguments.delta", **where), cut(item["arguments"]))
    yield event("function_call_arguments.done", **where, arguments=item["arguments"])


def _custom(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    yield Deltas(event("custom_tool_call_input.delta", **where), cut(item["input"]))
    yield event("custom_tool_call_input.done", **where, input=item["input"])


def _reasoning(item: Item, where: Mapping[str, Any], cut: TextCutter) -> Iterator[Step]:
    yield from _message(item, where, cut)
    for index, part in enumerate(objects_in(item.get("summary"))):
        at = {**where, "summary_index": index}
        yield event("reasoning_summary_part.added", **at, part={**part, "text": ""})
        yield Deltas(event("reasoning_summary_text.delta", **at), cut(part["text"]))
        yield event("reasoning_summary_text.done", **at, text=part["text"])
        yield event("reasoning_summary_part.done", **at, part=part)


_INNER: Final[Mapping[str, Callable[[Item, Mapping[str, Any], TextCutter], Iterator[Step]]]] = {
    "message": _message,
    "function_call": _function,
    "custom_tool_call": _custom,
    "reasoning": _reasoning,
}
