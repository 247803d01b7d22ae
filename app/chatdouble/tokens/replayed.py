"""Calls of earlier answers and their results, as the model reads them again."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.core.json import as_object, is_object, objects_in
from chatdouble.schema.texts import parts_texts

PARALLEL: Final = "multi_tool_use.parallel"
"""The function that stands for several called at once."""

RESULTS: Final = ("tool", "function")
"""The roles of messages that bring what a call returned."""


class Turn(NamedTuple):
    """A call or a result, as one message.

    Attributes:
        party: The function: whom the call is for, or whom the result is from.
        content: The call's arguments as text, or the result as it was sent.
        is_call: Whether it is a call.
    """

    party: str
    content: Any
    is_call: bool


class Called(NamedTuple):
    """A function or custom tool that was called.

    Attributes:
        name: Its name.
        given: What it was called with: a function's arguments as JSON if they are any, else text.
    """

    name: str
    given: Any


def is_replayed(message: Mapping[str, Any]) -> bool:
    """Return True if a message has calls or is the result of one."""
    return message.get("role") in RESULTS or bool(message.get("tool_calls") or message.get("function_call"))


def turns(messages: Iterable[Mapping[str, Any]]) -> Iterator[Turn]:
    """Yield the calls and the results of a conversation.

    Several calls of one message are one call of `multi_tool_use.parallel`, and their results are one list.

    Args:
        messages: The request's messages; all but calls and results are passed over.
    """
    names: dict[str, str] = {}
    several: list[str] | None = None
    for message in messages:
        if message.get("role") in RESULTS:
            if several is None:
                yield _result(message, names)
            else:
                several.append(_text(message.get("content")))
            continue
        if several is not None:
            yield _results(several)
            several = None
        calls = objects_in(message.get("tool_calls"))
        called = called_in(calls) or _legacy(message)
        if len(called) > 1:
            several = []
            yield Turn(PARALLEL, parallel_text(called), is_call=True)
        elif called:
            names.update((str(call.get("id")), called[0].name) for call in calls)
            yield _call(called[0])
    if several is not None:
        yield _results(several)


def called_in(calls: Iterable[Mapping[str, Any]]) -> list[Called]:
    """Return what tool calls call."""
    called: list[Called] = []
    for call in calls:
        if is_object(function := call.get("function")):
            called.append(Called(str(function.get("name")), _parsed(function.get("arguments"))))
        else:
            custom = as_object(call.get("custom"))
            called.append(Called(str(custom.get("name")), str(custom.get("input") or "")))
    return called


def parallel_text(called: Sequence[Called]) -> str:
    """Return the arguments of the one call that stands for several: compact JSON, whatever form they were sent in."""
    uses = [{"recipient_name": f"functions.{one.name}", "parameters": one.given} for one in called]
    return orjson.dumps({"tool_uses": uses}).decode()


def _legacy(message: Mapping[str, Any]) -> list[Called]:
    call = message.get("function_call")
    return [Called(str(call.get("name")), _parsed(call.get("arguments")))] if is_object(call) else []


def _call(called: Called) -> Turn:
    given = called.given
    return Turn(called.name, given if isinstance(given, str) else orjson.dumps(given).decode(), is_call=True)


def _result(message: Mapping[str, Any], names: Mapping[str, str]) -> Turn:
    name = names.get(str(message.get("tool_call_id"))) if message.get("role") == "tool" else message.get("name")
    return Turn(f"functions.{name}" if name else "", message.get("content"), is_call=False)


def _results(texts: Iterable[str]) -> Turn:
    """Return one turn for the results of several calls: a list, in which results that are JSON are read as such."""
    return Turn(PARALLEL, json.dumps([_parsed(text) for text in texts]), is_call=False)


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(parts_texts(content))


def _parsed(text: Any) -> Any:
    """Return the JSON value that a text is, or the text itself."""
    try:
        return orjson.loads(text) if isinstance(text, str) else ""
    except orjson.JSONDecodeError:
        return text
