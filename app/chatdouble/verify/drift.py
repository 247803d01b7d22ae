"""Drift: a difference between a recorded answer and the API's answer today."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.expressions import glob

_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference that could break a program.

    Attributes:
        where: The part of the answer: `status`, `headers.openai-version`, `choices[0].finish_reason`,
            `stream.[DONE]`.
        recorded: The recorded value, for people to read.
        live: The API's value today, for people to read.
    """

    where: str
    recorded: str
    live: str

    def __str__(self) -> str:
        """Return the drift as one line."""
        return f"{self.where}: was {self.recorded}, now {self.live}"


def shown(value: Any) -> str:
    """Return a JSON value as reports show it: compact, and cut if it is long."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def differing(where: str, recorded: Any, live: Any) -> Iterator[Drift]:
    """Return the drift between two values that should be equal, if they differ."""
    if recorded != live:
        yield Drift(where, shown(recorded), shown(live))


def without(drifts: Iterable[Drift], ignored: Sequence[str]) -> tuple[Drift, ...]:
    """Return the drifts whose `where` matches none of the patterns; `*` in a pattern stands for any characters."""
    patterns = [glob(pattern) for pattern in ignored]
    return tuple(drift for drift in drifts if not any(pattern.match(drift.where) for pattern in patterns))


MESSAGE_PARTS: Final = frozenset({"tool_calls", "function_call", "audio"})
"""Keys that a message has only if the model answers so; compared by kind of answer, not as keys."""

NULLABLE: Final = MESSAGE_PARTS | {"content", "refusal", "system_fingerprint", "service_tier"}
"""Keys that may be null in one answer and set in the next (answers#fingerprint): no drift."""

MISSING: Final = "missing"
PRESENT: Final = "present"


def json_type(value: Any) -> str:
    """Return the JSON type of a value; all numbers have the same type."""
    return _JSON_TYPES[type(value)]


_JSON_TYPES: Final = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def shape_drift(recorded: Any, live: Any, where: str = "") -> Iterator[Drift]:
    """Return keys that appeared or disappeared, and values whose type changed.

    Only the first elements of arrays are compared; the others have the same shape.

    Args:
        recorded: The recorded value.
        live: The API's value today.
        where: The path of both.
    """
    was, now = json_type(recorded), json_type(live)
    if was != now:
        if not ("null" in (was, now) and where.rpartition(".")[2] in NULLABLE):
            yield Drift(where, was, now)
    elif is_object(recorded):
        yield from _key_drift(recorded, live, where)
    elif is_array(recorded) and recorded and live:
        yield from shape_drift(recorded[0], live[0], f"{where}[0]")


def _key_drift(recorded: dict[str, Any], live: dict[str, Any], where: str) -> Iterator[Drift]:
    for key in dict.fromkeys([*recorded, *live]):
        path = f"{where}.{key}" if where else key
        if key in recorded and key in live:
            yield from shape_drift(recorded[key], live[key], path)
        elif key not in MESSAGE_PARTS:
            was, now = (json_type(side[key]) if key in side else MISSING for side in (recorded, live))
            yield Drift(path, was, now)
