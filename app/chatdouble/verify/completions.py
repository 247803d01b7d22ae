"""The comparison of whole completions: how they end, what kind of answer they are, whether their JSON is valid."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.core.json import as_array, as_object, is_object
from chatdouble.json_schema.validator import Validator, schema_error
from chatdouble.verify.drift import MISSING, Drift, differing, shape_drift, shown

VALID: Final = "valid"

Object = Mapping[str, Any]


def completion_drift(request: Object, recorded: Object, live: Object) -> Iterator[Drift]:
    """Return the drift of a completion.

    Ids (except their prefix), times, texts, token counts, fingerprints and tiers vary from call to call and are not
    compared.

    Args:
        request: The request that both answer.
        recorded: The recorded completion.
        live: The API's completion today.
    """
    for key, fact in _FACTS.items():
        yield from differing(key, fact(recorded), fact(live))
    yield from shape_drift(_without(recorded, _COMPARED), _without(live, _COMPARED))
    choices = [as_array(side.get("choices")) for side in (recorded, live)]
    for index, (was, now) in enumerate(zip_longest(*choices)):
        yield from _choice_drift(request, was, now, f"choices[{index}]")


def error_drift(recorded: Object, live: Object) -> Iterator[Drift]:
    """Return the drift of an error: its type, param and code, but not its message."""
    was, now = as_object(recorded.get("error")), as_object(live.get("error"))
    for key in _ERROR_FACTS:
        yield from differing(f"error.{key}", was.get(key), now.get(key))
    yield from shape_drift(_without(was, _ERROR_FACTS), _without(now, _ERROR_FACTS), "error")


def _without(value: Object, keys: Collection[str]) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if key not in keys}


def id_prefix(completion: Object) -> str:
    """Return the constant prefix of an id, such as `chatcmpl`; empty for an id without one, such as a UUID."""
    found = _ID_PREFIX.match(str(completion.get("id", "")))
    return found[0] if found else ""


_ID_PREFIX: Final = re.compile(r"(?![0-9a-f]{8}-)[a-z]+(?=[-_])")

_FACTS: Final[Mapping[str, Callable[[Object], Any]]] = {
    "id": id_prefix,
    "object": lambda completion: completion.get("object"),
    "model": lambda completion: completion.get("model"),
}
"""Values that must be equal."""

_COMPARED: Final = frozenset({"choices", "metadata"})
"""Keys whose shape is not compared: choices are compared one by one, and metadata has the request's own keys."""

_ERROR_FACTS: Final = ("type", "param", "code")


def _choice_drift(request: Object, recorded: Object | None, live: Object | None, where: str) -> Iterator[Drift]:
    if recorded is None or live is None:
        yield Drift(where, *(MISSING if side is None else "object" for side in (recorded, live)))
        return
    yield from shape_drift(recorded, live, where)
    yield from differing(f"{where}.finish_reason", recorded.get("finish_reason"), live.get("finish_reason"))
    was, now = as_object(recorded.get("message")), as_object(live.get("message"))
    yield from differing(f"{where}.message.role", was.get("role"), now.get("role"))
    yield from differing(f"{where}.message", kind_of(was), kind_of(now))
    yield from calls_drift(_schemas(request), tool_calls(was), tool_calls(now), f"{where}.message")
    yield from _structure_drift(request, recorded, live, f"{where}.message.content")


def kind_of(message: Object) -> str:
    """Return the kind of answer a message is; text beside a tool call does not count (answers#message)."""
    found = [key for key in ("tool_calls", "function_call", "refusal", "audio") if message.get(key)]
    return " and ".join(found) or ("text" if message.get("content") else "nothing")


class ToolCall(NamedTuple):
    """A call of a tool. A custom tool's input is any text, so its arguments are None."""

    name: str
    arguments: str | None


def tool_calls(message: Object) -> list[ToolCall]:
    """Return the tool calls of a message, in any of the API's forms, in order."""
    legacy = message.get("function_call")
    found = [ToolCall(legacy.get("name", ""), legacy.get("arguments"))] if is_object(legacy) else []
    for call in as_array(message.get("tool_calls")):
        inner = as_object(call.get("function") or call.get("custom"))
        found.append(ToolCall(inner.get("name", ""), inner.get("arguments")))
    return found


def calls_drift(
    schemas: Mapping[str, Any], recorded: list[ToolCall], live: list[ToolCall], where: str
) -> Iterator[Drift]:
    """Return the drift of an answer's tool calls. The number of calls of one tool varies and is not compared.

    Args:
        schemas: The schemas of the tools' arguments, by the tools' names.
        recorded: The recorded calls.
        live: The calls of the API's answer today.
        where: The path of both.
    """
    was, now = _by_tool(recorded), _by_tool(live)
    if not was or not now:  # another kind of answer, which is a drift of its own
        return
    yield from differing(f"{where}.tool_calls", sorted(was), sorted(now))
    for name in was.keys() & now.keys():
        path = f"{where}.tool_calls.{name}.arguments"
        yield from _argument_drift(schemas.get(name, {}), was[name], now[name], path)


def _argument_drift(schema: Any, recorded: list[ToolCall], live: list[ToolCall], where: str) -> Iterator[Drift]:
    was, now = _arguments_state(schema, recorded), _arguments_state(schema, live)
    if was == VALID != now:
        yield Drift(where, was, now)
    elif was == now == VALID and not as_object(schema).get("properties"):  # the schema says nothing about their shape
        for before, after in zip(recorded[:1], live[:1], strict=True):
            yield from shape_drift(_parsed(before), _parsed(after), where)


def _parsed(call: ToolCall) -> Any:
    return orjson.loads(call.arguments) if call.arguments else None


def _by_tool(calls: list[ToolCall]) -> dict[str, list[ToolCall]]:
    named: dict[str, list[ToolCall]] = {}
    for call in calls:
        named.setdefault(call.name, []).append(call)
    return named


def _schemas(request: Object) -> dict[str, Any]:
    """Return the parameters' schema of each function in a request, by name."""
    functions = [as_object(tool).get("function") for tool in as_array(request.get("tools"))]
    offered = map(as_object, [*functions, *as_array(request.get("functions"))])
    return {function.get("name", ""): function.get("parameters", {}) for function in offered}


def _arguments_state(schema: Any, calls: list[ToolCall]) -> str:
    """Return `valid`, or the error in the first arguments that are not."""
    errors = (json_error(schema, call.arguments) for call in calls if call.arguments is not None)
    return next(filter(None, errors), VALID)


def _structure_drift(request: Object, recorded: Object, live: Object, where: str) -> Iterator[Drift]:
    """Return the drift of structured output that was valid and no longer is."""
    was, now = (_structure_state(request, side) for side in (recorded, live))
    if was == VALID and now not in (VALID, None):
        yield Drift(where, was, now)


def _structure_state(request: Object, choice: Object) -> str | None:
    """Return `valid` or the error in a choice's structured output; None if the choice need not be JSON."""
    content = as_object(choice.get("message")).get("content")
    asked = as_object(request.get("response_format"))
    schema = {
        "json_object": {"type": "object"},
        "json_schema": as_object(asked.get("json_schema")).get("schema", {}),
    }.get(asked.get("type", ""))
    if schema is None or not content or choice.get("finish_reason") != "stop":
        return None
    return json_error(schema, content) or VALID


def json_error(schema: Any, text: str) -> str | None:
    """Return the first error in a text that should be JSON of a schema; None if it is valid."""
    try:
        instance = orjson.loads(text)
    except orjson.JSONDecodeError as broken:
        return f"not JSON: {broken}"
    return _instance_error(schema, instance)


def _instance_error(schema: Any, instance: Any) -> str | None:
    """Return the first error of a value under a schema; None if it is valid, or if the schema is unusable."""
    error = None if schema_error(schema) else next(Validator(schema).errors(instance), None)
    return shown(f"{error.path}: {error.message}") if error else None
