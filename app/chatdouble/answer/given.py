"""Fields of an answer that are set rather than computed."""

from collections.abc import Mapping
from typing import Any, Final, cast

from chatdouble.answer.shapes import is_object
from chatdouble.schema.completion import Completion

ORDER: Final = (
    "id",
    "object",
    "created",
    "model",
    "choices",
    "usage",
    "service_tier",
    "moderation",
    "system_fingerprint",
    "metadata",
)
"""The order of an answer's keys on the wire (wire 3)."""


def with_given(completion: Completion, given: Mapping[str, Any]) -> Completion:
    """Return an answer with fields set, its keys still in the wire's order.

    A mapping sets the fields it names and leaves the others; so `{"usage": {"prompt_tokens": 9}}` leaves
    the completion's tokens, and `total_tokens` follows unless it is given, too.

    Args:
        completion: The answer as computed.
        given: The fields that are set.
    """
    merged = _merged(completion, given)
    usage = merged.get("usage")
    if is_object(usage) and "total_tokens" not in (given.get("usage") or ()):
        usage["total_tokens"] = usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
    known = {key: merged[key] for key in ORDER if key in merged}
    return cast("Completion", known | merged)


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if is_object(before) and is_object(value) else value
    return merged
