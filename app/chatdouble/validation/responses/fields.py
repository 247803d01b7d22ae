"""Rules for single fields, which the API checks together with their shapes."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from chatdouble.core.errors import APIError
from chatdouble.core.json import objects_in
from chatdouble.validation import wording
from chatdouble.validation.responses import wording as own
from chatdouble.validation.rules.limits import at_most, metadata_faults

Body = Mapping[str, Any]

_REPORTED: Final = 100
"""The errors of a field that are looked for."""
_LONGEST_ID: Final = 64
_ID: Final = re.compile(r"[a-zA-Z0-9_-]*")
_PREFIXES: Final = {"message": "msg", "function_call": "fc", "custom_tool_call": "ctc", "reasoning": "rs"}
"""The prefixes of ids for which a refusal was seen (responses#ids)."""


def faults(body: Body) -> Iterator[APIError]:
    """Yield what is wrong with the fields that are present and not null, in the rules' order.

    Args:
        body: The fields whose shape is right, as they were sent.
    """
    for name, find in _RULES.items():
        if body.get(name) is not None:
            yield from islice(find(body), _REPORTED)


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


def _id(path: str, given: str, prefix: str) -> Iterator[APIError]:
    yield from at_most(path, given, _LONGEST_ID)
    if not _ID.fullmatch(given):
        yield own.wrong_characters(path, given)
    elif not given.startswith(prefix):
        yield own.wrong_prefix(path, given, prefix)


def _previous_response_id(body: Body) -> Iterator[APIError]:
    """Check the alphabet and the prefix of the earlier response's id (responses#ids)."""
    given: str = body["previous_response_id"]
    if not _ID.fullmatch(given):
        yield own.wrong_characters("previous_response_id", given)
    elif not given.startswith("resp"):
        yield own.wrong_prefix("previous_response_id", given, "resp")


def _conversation(body: Body) -> Iterator[APIError]:
    """Allow a conversation or an earlier response, not both (responses#state)."""
    if body.get("previous_response_id") is not None:
        yield own.both_given()


def _metadata(body: Body) -> Iterator[APIError]:
    """Allow 16 pairs, as chat completions do (responses#fields)."""
    yield from metadata_faults(body["metadata"])


def _prompt_cache_key(body: Body) -> Iterator[APIError]:
    """Allow 64 characters (responses#fields)."""
    yield from at_most("prompt_cache_key", body["prompt_cache_key"], _LONGEST_ID)


_RULES: Final[Mapping[str, Callable[[Body], Iterator[APIError]]]] = {
    "input": _input,
    "previous_response_id": _previous_response_id,
    "metadata": _metadata,
    "prompt_cache_key": _prompt_cache_key,
    "conversation": _conversation,
}
