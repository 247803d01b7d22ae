"""What a whole answer says, compared: how it ends, what kind of thing it says, with valid JSON or not."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.core.json import as_array, as_object, is_object
from chatdouble.json_schema.validator import Validator, schema_error
from chatdouble.verify.drift import MISSING, Drift, differing, said, shape_drift

VALID: Final = "valid"


class Called(NamedTuple):
    """One call of a tool; a custom tool's input is any text, so it has no arguments."""

    name: str
    arguments: str | None


def calls(message: Mapping[str, Any]) -> list[Called]:
    """Return the tools that a message calls, in any of the API's forms, in order."""
    legacy = message.get("function_call")
    found = [Called(legacy.get("name", ""), legacy.get("arguments"))] if is_object(legacy) else []
    for call in as_array(message.get("tool_calls")):
        inner = as_object(call.get("function") or call.get("custom"))
        found.append(Called(inner.get("name", ""), inner.get("arguments")))
    return found


def call_drift(
    request: Mapping[str, Any], recorded: Mapping[str, Any], live: Mapping[str, Any], where: str
) -> Iterator[Drift]:
    """Return what drifted of the calls of a message; how often a tool is called is the model's affair.

    Args:
        request: The request, for the tools' schemas.
        recorded: The recorded message.
        live: The message that came now.
        where: The path of both.
    """
    was, now = _by_name(calls(recorded)), _by_name(calls(live))
    if not was or not now:  # then one says something else altogether, which is told as such
        return
    yield from differing(f"{where}.tool_calls", sorted(was), sorted(now))
    schemas = _schemas(request)
    for name in was.keys() & now.keys():
        path = f"{where}.tool_calls.{name}.arguments"
        yield from _argument_drift(schemas.get(name, {}), was[name], now[name], path)


def _argument_drift(schema: Any, recorded: list[Called], live: list[Called], where: str) -> Iterator[Drift]:
    was, now = _fault(schema, recorded), _fault(schema, live)
    if was == VALID != now:
        yield Drift(where, was, now)
    elif was == now == VALID and not as_object(schema).get("properties"):  # then the arguments are as they were
        for before, after in zip(recorded[:1], live[:1], strict=True):
            yield from shape_drift(_parsed(before), _parsed(after), where)


def _parsed(call: Called) -> Any:
    return orjson.loads(call.arguments) if call.arguments else None


def _by_name(made: list[Called]) -> dict[str, list[Called]]:
    named: dict[str, list[Called]] = {}
    for call in made:
        named.setdefault(call.name, []).append(call)
    return named


def _schemas(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters' schema of every function that a request offers."""
    functions = [as_object(tool).get("function") for tool in as_array(request.get("tools"))]
    offered = map(as_object, [*functions, *as_array(request.get("functions"))])
    return {function.get("name", ""): function.get("parameters", {}) for function in offered}


def _fault(schema: Any, made: list[Called]) -> str:
    """Return what is wrong with the arguments of the first call that has wrong ones, or that all are valid."""
    faults = (instance_fault(schema, call.arguments) for call in made if call.arguments is not None)
    return next(filter(None, faults), VALID)


def instance_fault(schema: Any, text: str) -> str | None:
    """Return why a text is not JSON that a schema takes, or None if it is; a schema nobody can read takes all."""
    try:
        instance = orjson.loads(text)
    except orjson.JSONDecodeError as broken:
        return f"not JSON: {broken}"
    error = None if schema_error(schema) else next(Validator(schema).errors(instance), None)
    return said(f"{error.path}: {error.message}") if error else None


Object = Mapping[str, Any]


def completion_drift(request: Object, recorded: Object, live: Object) -> Iterator[Drift]:
    """Return what drifted of a whole answer.

    Ids (beyond their prefix), times, texts, token counts, fingerprints and tiers are what differs from one call to
    the next, and no drift.

    Args:
        request: The request that both answer.
        recorded: The recorded answer.
        live: The answer that came now.
    """
    for key, fact in _FACTS.items():
        yield from differing(key, fact(recorded), fact(live))
    yield from shape_drift(_without(recorded, _COMPARED), _without(live, _COMPARED))
    choices = [as_array(side.get("choices")) for side in (recorded, live)]
    for index, (was, now) in enumerate(zip_longest(*choices)):
        yield from _choice_drift(request, was, now, f"choices[{index}]")


def error_drift(recorded: Object, live: Object) -> Iterator[Drift]:
    """Return what drifted of an error: its type, param and code, not its words."""
    was, now = as_object(recorded.get("error")), as_object(live.get("error"))
    for key in _ERROR_FACTS:
        yield from differing(f"error.{key}", was.get(key), now.get(key))
    yield from shape_drift(_without(was, _ERROR_FACTS), _without(now, _ERROR_FACTS), "error")


def _without(value: Object, keys: Collection[str]) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if key not in keys}


def _prefix(answer: Object) -> str:
    """Return what an id begins with, before the part that is different each time: nothing, where it is all of it."""
    found = _PREFIX.match(str(answer.get("id", "")))
    return found[0] if found else ""


_PREFIX: Final = re.compile(r"(?![0-9a-f]{8}-)[a-z]+(?=[-_])")


_FACTS: Final[Mapping[str, Callable[[Object], Any]]] = {
    "id": _prefix,
    "object": lambda answer: answer.get("object"),
    "model": lambda answer: answer.get("model"),
}
"""What must be equal in a whole answer."""

_COMPARED: Final = frozenset({"choices", "metadata"})
"""Keys that are compared one by one, or that have the request's own keys."""

_ERROR_FACTS: Final = ("type", "param", "code")


def _choice_drift(request: Object, recorded: Object | None, live: Object | None, where: str) -> Iterator[Drift]:
    if recorded is None or live is None:
        yield Drift(where, *(MISSING if side is None else "object" for side in (recorded, live)))
        return
    yield from shape_drift(recorded, live, where)
    yield from differing(f"{where}.finish_reason", recorded.get("finish_reason"), live.get("finish_reason"))
    was, now = as_object(recorded.get("message")), as_object(live.get("message"))
    yield from differing(f"{where}.message.role", was.get("role"), now.get("role"))
    yield from differing(f"{where}.message", kinds(was), kinds(now))
    yield from call_drift(request, was, now, f"{where}.message")
    yield from _structure_drift(request, recorded, live, f"{where}.message.content")


def kinds(message: Object) -> str:
    """Return what kinds of things a message says; text beside a tool call counts for nothing (answers#message)."""
    found = [key for key in ("tool_calls", "function_call", "refusal", "audio") if message.get(key)]
    return " and ".join(found) or ("text" if message.get("content") else "nothing")


def _structure_drift(request: Object, recorded: Object, live: Object, where: str) -> Iterator[Drift]:
    """Return the drift of structured output that was valid and is no longer."""
    was, now = (_structure(request, side) for side in (recorded, live))
    if was == VALID and now not in (VALID, None):
        yield Drift(where, was, now)


def _structure(request: Object, choice: Object) -> str | None:
    """Return whether a choice's text is the JSON that was asked for; None where it need not be."""
    content = as_object(choice.get("message")).get("content")
    asked = as_object(request.get("response_format"))
    schema = {
        "json_object": {"type": "object"},
        "json_schema": as_object(asked.get("json_schema")).get("schema", {}),
    }.get(asked.get("type", ""))
    if schema is None or not content or choice.get("finish_reason") != "stop":
        return None
    return instance_fault(schema, content) or VALID
