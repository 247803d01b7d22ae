"""One thing that is no longer as it was recorded."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chatdouble.core.json import is_array, is_object
from chatdouble.scripts.format.expressions import glob

_LONGEST: Final = 120


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference that a program could stumble over.

    Attributes:
        where: The part of the answer: `status`, `headers.openai-version`, `choices[0].finish_reason`,
            `stream.[DONE]`.
        recorded: What the recording has, in words.
        live: What the upstream answers now, in words.
    """

    where: str
    recorded: str
    live: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.where}: recorded {self.recorded}, now {self.live}"


def said(value: Any) -> str:
    """Return a JSON value as a drift says it: compact, and cut where it is long."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def differing(where: str, recorded: Any, live: Any) -> Iterator[Drift]:
    """Return the drift of a value that should be equal, if it is not."""
    if recorded != live:
        yield Drift(where, said(recorded), said(live))


def without(drifts: Iterable[Drift], ignored: Sequence[str]) -> tuple[Drift, ...]:
    """Return the drifts whose `where` none of the ignored patterns is; `*` in a pattern is any characters."""
    patterns = [glob(pattern) for pattern in ignored]
    return tuple(drift for drift in drifts if not any(pattern.match(drift.where) for pattern in patterns))


SAID: Final = frozenset({"tool_calls", "function_call", "audio"})
"""Keys that are there when the model says such a thing; what it says is compared by its meaning."""

NULLABLE: Final = SAID | {"content", "refusal", "system_fingerprint", "service_tier"}
"""Keys that are null or not as the answer goes (answers#fingerprint): no drift."""

MISSING: Final = "missing"


def kind(value: Any) -> str:
    """Return what JSON calls a value's type; all numbers are one type."""
    return _KINDS[type(value)]


_KINDS: Final = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def shape_drift(recorded: Any, live: Any, where: str = "") -> Iterator[Drift]:
    """Return where keys came or went and where types changed.

    Of lists the first elements are compared, since the others are like them.

    Args:
        recorded: The recorded value.
        live: The value that came now.
        where: The path of both.
    """
    was, now = kind(recorded), kind(live)
    if was != now:
        if not ("null" in (was, now) and where.rpartition(".")[2] in NULLABLE):
            yield Drift(where, was, now)
    elif is_object(recorded):
        yield from _keys(recorded, live, where)
    elif is_array(recorded) and recorded and live:
        yield from shape_drift(recorded[0], live[0], f"{where}[0]")


def _keys(recorded: dict[str, Any], live: dict[str, Any], where: str) -> Iterator[Drift]:
    for key in dict.fromkeys([*recorded, *live]):
        path = f"{where}.{key}" if where else key
        if key in recorded and key in live:
            yield from shape_drift(recorded[key], live[key], path)
        elif key not in SAID:
            was, now = (kind(side[key]) if key in side else MISSING for side in (recorded, live))
            yield Drift(path, was, now)
