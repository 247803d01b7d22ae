"""Large requests, without the parts that are over a limit of the API: these make them refused, whatever they are."""

from operator import is_not
from typing import Any, Final, NamedTuple

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array, is_object
from chatdouble.validation import wording
from chatdouble.validation.faults import KNOWN, Fault, Stage, unknown_faults
from chatdouble.validation.rules.messages import MOST, MOST_CALLS
from chatdouble.validation.rules.tools import MOST_TOOLS

LARGE: Final = 64 * 1024
"""The size in bytes from which a request is large."""


class Excerpt(NamedTuple):
    """The part of a request that is validated.

    Attributes:
        body: The request's body, as far as it is within the API's limits.
        faults: The faults of the rest.
    """

    body: dict[str, Any]
    faults: list[Fault]


def excerpt(body: dict[str, Any], model: Model) -> Excerpt:
    """Return the excerpt of a large request. A request within the limits is returned unchanged."""
    found = unknown_faults(model, body)
    known = {name: value for name, value in body.items() if name in KNOWN} if found else body
    limited = Excerpt(known, found)
    messages = _with_short_tags(_limited(known.get("messages"), MOST, "messages", limited))
    lists = {"tools": _limited(known.get("tools"), MOST_TOOLS, "tools", limited)}
    lists["messages"] = _with_limited_calls(messages, limited)
    changed = {name: value for name, value in lists.items() if value is not known.get(name)}
    return Excerpt(known | changed, found) if changed else limited


def _with_short_tags(value: Any) -> Any:
    """Return messages or parts whose `role` or `type` is no longer than an error may be, which quotes it."""
    if is_array(value):
        short = [_with_short_tags(held) if is_object(held) else held for held in value]
        return short if any(map(is_not, short, value)) else value
    if not is_object(value):
        return value
    cut = {key: value[key][:_LONGEST_TAG] for key in ("role", "type") if _is_long(value.get(key))}
    content = _with_short_tags(value["content"]) if is_array(value.get("content")) else value.get("content")
    if content is not value.get("content"):
        cut["content"] = content
    return value | cut if cut else value


_LONGEST_TAG: Final = 20_000


def _is_long(tag: Any) -> bool:
    return isinstance(tag, str) and len(tag) > _LONGEST_TAG


def _limited(value: Any, most: int, path: str, limited: Excerpt) -> Any:
    """Return the start of an array that is too long, and any other value unchanged."""
    if not is_array(value) or len(value) <= most:
        return value
    limited.faults.append(Fault(Stage.SHAPE, _too_long(path, value, most)))
    return value[:most]


def _too_long(path: str, value: list[Any], most: int) -> APIError:
    return wording.too_long(path, value, most, "array")


def _with_limited_calls(messages: Any, limited: Excerpt) -> Any:
    """Return messages of which none has too many calls."""
    if not is_array(messages):
        return messages
    calls = {
        place: _limited(message.get("tool_calls"), MOST_CALLS, f"messages[{place}].tool_calls", limited)
        for place, message in enumerate(messages)
        if is_object(message) and is_array(message.get("tool_calls")) and len(message["tool_calls"]) > MOST_CALLS
    }
    if not calls:
        return messages
    return [
        message | {"tool_calls": calls[place]} if place in calls else message for place, message in enumerate(messages)
    ]
