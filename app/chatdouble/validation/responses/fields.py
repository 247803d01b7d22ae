"""Rules for single fields, which the API checks together with their shapes."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.core.json import as_object, objects_in
from chatdouble.validation import wording
from chatdouble.validation.responses import wording as own
from chatdouble.validation.rules.limits import at_most, metadata_faults, name, tier_faults

Body = Mapping[str, Any]

_REPORTED: Final = 100
"""The errors of a field that are looked for."""
_LONGEST_ID: Final = 64
_ID: Final = re.compile(r"[a-zA-Z0-9_-]+")
_LONGEST_TOOL: Final = 128
_NAMED: Final = frozenset({"function", "custom"})
_CALLS: Final = frozenset({"function_call", "custom_tool_call"})
_PREFIXES: Final = {"message": "msg", "function_call": "fc", "custom_tool_call": "ctc", "reasoning": "rs"}
"""The prefixes of ids for which a refusal was seen (responses#ids)."""


def faults(body: Body) -> Iterator[APIError]:
    """Yield what is wrong with the fields that are present and not null, in the rules' order.

    Args:
        body: The fields whose shape is right, as they were sent.
    """
    for field in _ruled(tuple(body)):
        if body[field] is not None:
            yield from islice(_RULES[field](body), _REPORTED)


@lru_cache(maxsize=256)
def _ruled(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that have a rule, in the rules' order. Most clients send the same ones each time."""
    return tuple(field for field in _RULES if field in fields)


def _input(body: Body) -> Iterator[APIError]:
    """Check the ids of items: 64 characters, their alphabet and the prefix of the item's type (responses#ids)."""
    for index, item in enumerate(objects_in(body["input"])):
        path, kind = f"input[{index}]", str(item.get("type") or "message")
        if isinstance(item.get("id"), str) and kind != "item_reference":
            yield from _id(f"{path}.id", item["id"], _PREFIXES.get(kind, ""))
        call_id = item.get("call_id")
        if call_id == "":
            yield wording.empty(f"{path}.call_id", "string")
        elif isinstance(call_id, str):
            yield from at_most(f"{path}.call_id", call_id, _LONGEST_ID)
        if kind in _CALLS:
            yield from name(f"{path}.name", item["name"], _LONGEST_TOOL)


def _id(path: str, given: str, prefix: str) -> Iterator[APIError]:
    yield from at_most(path, given, _LONGEST_ID)
    yield from _id_of(path, given, prefix)


def _id_of(path: str, given: str, prefix: str) -> Iterator[APIError]:
    """Check the alphabet and the prefix of an id."""
    if not _ID.fullmatch(given):
        yield own.wrong_characters(path, given)
    elif not given.startswith(prefix):
        yield own.wrong_prefix(path, given, prefix)


def _previous_response_id(body: Body) -> Iterator[APIError]:
    """Check the alphabet and the prefix of the earlier response's id (responses#ids)."""
    yield from _id_of("previous_response_id", body["previous_response_id"], "resp")


def _conversation(body: Body) -> Iterator[APIError]:
    """Check the id, and allow a conversation or an earlier response, not both (responses#state, responses#ids)."""
    if body.get("previous_response_id") is not None:
        yield own.both_given()
    given: Any = body["conversation"]
    yield from _id_of("conversation", as_object(given).get("id", given), "conv")


def _tools(body: Body) -> Iterator[APIError]:
    """Check the names of functions and custom tools (responses#tools)."""
    for index, tool in enumerate(objects_in(body["tools"])):
        if tool["type"] in _NAMED:
            yield from name(f"tools[{index}].name", tool["name"], _LONGEST_TOOL)


def _text(body: Body) -> Iterator[APIError]:
    """Check the name of a schema (responses#formats)."""
    form = as_object(body["text"].get("format"))
    if form.get("type") == "json_schema":
        yield from name("text.format.name", form["name"])


def _service_tier(body: Body) -> Iterator[APIError]:
    """Allow the tiers that the API lists (responses#fields)."""
    yield from tier_faults(body["service_tier"])


def _metadata(body: Body) -> Iterator[APIError]:
    """Allow 16 pairs, as chat completions do (responses#fields)."""
    yield from metadata_faults(body["metadata"])


def _prompt_cache_key(body: Body) -> Iterator[APIError]:
    """Allow 64 characters (responses#fields)."""
    yield from at_most("prompt_cache_key", body["prompt_cache_key"], _LONGEST_ID)


_RULES: Final[Mapping[str, Callable[[Body], Iterator[APIError]]]] = {
    "input": _input,
    "previous_response_id": _previous_response_id,
    "tools": _tools,
    "text": _text,
    "service_tier": _service_tier,
    "metadata": _metadata,
    "prompt_cache_key": _prompt_cache_key,
    "conversation": _conversation,
}
