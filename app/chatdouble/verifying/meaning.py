"""What a whole answer says, compared: how it ends, what kind of thing it says, with valid JSON or not."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final

from chatdouble.schema.json_values import as_array, as_object
from chatdouble.verifying.calls import VALID, call_drift, instance_fault
from chatdouble.verifying.drift import Drift, differing
from chatdouble.verifying.shape import MISSING, shape_drift

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
    """Return what kinds of things a message says; text beside a tool call counts for nothing (wire 3)."""
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
