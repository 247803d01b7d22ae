"""The comparison of responses: their status, the kinds of their items, the calls, and the events of their streams."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from chatdouble.core.json import as_object, objects_in
from chatdouble.verify.completions import VALID, ToolCall, calls_drift, id_prefix, json_error
from chatdouble.verify.drift import MISSING, PRESENT, Drift, differing, shape_drift
from chatdouble.verify.streams import Stream

Object = Mapping[str, Any]

_REASONING: Final = "reasoning"
"""The kind of item that a model adds or leaves out from call to call, and the part of its events' names."""


def response_drift(request: Object, recorded: Object, live: Object) -> Iterator[Drift]:
    """Return the drift of a response.

    What varies from call to call is not compared: ids except their prefix, times, texts, token counts, tiers, and
    whether the model reasoned.

    Args:
        request: The request that both answer.
        recorded: The recorded response.
        live: The API's response today.
    """
    for key, fact in _FACTS.items():
        yield from differing(key, fact(recorded), fact(live))
    was, now = ({key: value for key, value in side.items() if key not in _COMPARED} for side in (recorded, live))
    yield from shape_drift(was, now)
    yield from _item_drift(_first_items(recorded), _first_items(live))
    yield from calls_drift(_schemas(request), _calls(recorded), _calls(live), "output")
    yield from _structure_drift(request, recorded, live)


def events_drift(request: Object, recorded: Stream, live: Stream) -> Iterator[Drift]:
    """Return the drift of two streams of events, and of the responses that their last events hold.

    Args:
        request: The request that both answer.
        recorded: The recorded stream.
        live: The API's stream today.
    """
    for name, fact in _STREAM_FACTS.items():
        yield from differing(f"stream.{name}", fact(recorded), fact(live))
    was, now = ({str(event.get("type")): event for event in _events(side)} for side in (recorded, live))
    for kind in [kind for kind in was if kind in now]:
        yield from differing(f"stream.{kind}", _keys(was[kind]), _keys(now[kind]))
    ends = [as_object(side.chunks[-1].get("response")) if side.chunks else {} for side in (recorded, live)]
    if all(ends):
        yield from response_drift(request, *ends)


_FACTS: Final[Mapping[str, Callable[[Object], Any]]] = {
    "id": id_prefix,
    "object": lambda response: response.get("object"),
    "model": lambda response: response.get("model"),
    "status": lambda response: response.get("status"),
    "incomplete_details.reason": lambda response: as_object(response.get("incomplete_details")).get("reason"),
    "error.code": lambda response: as_object(response.get("error")).get("code"),
    "output": lambda response: sorted(kind for kind in _first_items(response) if kind != _REASONING),
}
"""Values that must be equal."""

_COMPARED: Final = frozenset({"output", "metadata", "incomplete_details", "error", "service_tier", "usage"})
"""Keys whose shape is not compared: they are compared as facts, or have the request's own keys, or vary."""


def _items(response: Object) -> Iterable[dict[str, Any]]:
    return objects_in(response.get("output"))


def _first_items(response: Object) -> dict[str, dict[str, Any]]:
    """Return the first item of each kind."""
    first: dict[str, dict[str, Any]] = {}
    for item in _items(response):
        first.setdefault(str(item.get("type")), item)
    return first


def _item_drift(recorded: Mapping[str, Object], live: Mapping[str, Object]) -> Iterator[Drift]:
    """Return the drift of the keys of items, and of the parts of messages."""
    for kind in [kind for kind in recorded if kind in live]:
        yield from differing(f"output.{kind}", sorted(recorded[kind]), sorted(live[kind]))
    was, now = (objects_in(side.get("message", {}).get("content")) for side in (recorded, live))
    if was and now:
        yield from differing("output.message.content", was[0].get("type"), now[0].get("type"))
        yield from differing("output.message.content[0]", sorted(was[0]), sorted(now[0]))


_CALLS: Final = ("function_call", "custom_tool_call")


def _calls(response: Object) -> list[ToolCall]:
    """Return the calls of the client's tools. A custom tool's input is any text, so its arguments are None."""
    return [
        ToolCall(str(item.get("name")), item.get("arguments") if kind == "function_call" else None)
        for item in _items(response)
        if (kind := item.get("type")) in _CALLS
    ]


def _schemas(request: Object) -> dict[str, Any]:
    """Return the parameters' schema of each function in a request, those in namespaces too, by name."""
    tools = [*objects_in(request.get("tools"))]
    inner = [tool for space in tools for tool in objects_in(space.get("tools"))]
    return {str(tool.get("name")): tool.get("parameters") or {} for tool in [*tools, *inner] if "name" in tool}


def _structure_drift(request: Object, recorded: Object, live: Object) -> Iterator[Drift]:
    """Return the drift of structured output that was valid and no longer is."""
    form = as_object(as_object(request.get("text")).get("format"))
    schema = {"json_object": {"type": "object"}, "json_schema": form.get("schema", {})}.get(form.get("type", ""))
    if schema is None:
        return
    texts = [_text(side) for side in (recorded, live)]
    if all(texts):
        was, now = (json_error(schema, text) or VALID for text in texts)
        if was == VALID != now:
            yield Drift("output.message.content", was, now)


def _text(response: Object) -> str:
    """Return the text of a response that is complete; empty if it is not."""
    if response.get("status") != "completed":
        return ""
    messages = [item for item in _items(response) if item.get("type") == "message"]
    parts = [part for message in messages for part in objects_in(message.get("content"))]
    return "".join(str(part.get("text", "")) for part in parts if part.get("type") == "output_text")


def _events(stream: Stream) -> list[dict[str, Any]]:
    """Return a stream's events, but for those about reasoning."""
    return [event for event in stream.chunks if not _is_reasoning(event)]


def _is_reasoning(event: Object) -> bool:
    return _REASONING in str(event.get("type")) or as_object(event.get("item")).get("type") == _REASONING


def _keys(event: Object) -> list[str]:
    return sorted(event.keys() - {"obfuscation"})


def _order(stream: Stream) -> str:
    numbers = [event.get("sequence_number") for event in stream.chunks]
    return "from 0 without gaps" if numbers == [*range(len(numbers))] else "another order"


_STREAM_FACTS: Final[Mapping[str, Callable[[Stream], Any]]] = {
    "broken": lambda stream: stream.broken or "nothing",
    "error": lambda stream: as_object(stream.error).get("type") or "nothing",
    "[DONE]": lambda stream: PRESENT if stream.done else MISSING,
    "events": lambda stream: [*dict.fromkeys(str(event.get("type")) for event in _events(stream))],
    "sequence_number": _order,
    "obfuscation": lambda stream: PRESENT if any("obfuscation" in event for event in stream.chunks) else MISSING,
}
"""Facts that must be equal for two streams."""
