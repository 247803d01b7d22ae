"""The tools an answer calls: their names, and whether the arguments are what the tool takes."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import orjson
from jsonschema import Draft202012Validator, SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

from chatdouble.schema.json_values import as_array, as_object, is_object
from chatdouble.verifying.drift import Drift, differing, said
from chatdouble.verifying.shape import shape_drift

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
    try:
        Draft202012Validator.check_schema(schema)
        judge: Any = Draft202012Validator(schema, registry=Registry())  # the default one fetches what is referred to
        wrong: Any = next(judge.iter_errors(instance), None)
    except (SchemaError, Unresolvable, RecursionError, OverflowError, re.error):
        return None
    return said(f"{wrong.json_path}: {wrong.message}") if wrong else None
