"""Which keys a JSON value has and of what types they are, compared."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.schema.json_values import is_array, is_object
from chatdouble.verifying.drift import Drift

SAID: Final = frozenset({"tool_calls", "function_call", "audio"})
"""Keys that are there when the model says such a thing; what it says is compared by its meaning."""

NULLABLE: Final = SAID | {"content", "refusal", "system_fingerprint", "service_tier"}
"""Keys that are null or not as the answer goes (wire 3): no drift."""

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
