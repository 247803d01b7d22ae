"""The form of values in Redis."""

from typing import Any, Final

import orjson

from chatdouble.core.json import encode

_BYTES: Final = b"\0"
"""The prefix of bytes; no JSON begins so."""


def to_redis(value: Any) -> bytes:
    """Return a value as it is kept: bytes, JSON, or nothing for None."""
    if value is None:
        return b""
    return _BYTES + value if isinstance(value, bytes) else encode(value)


def from_redis(kept: bytes | None) -> Any:
    """Return a kept value."""
    if not kept:
        return None
    if kept[:1] == _BYTES:
        return kept[1:]
    try:
        return orjson.loads(kept)
    except orjson.JSONDecodeError:
        import json  # noqa: PLC0415 - only the standard library reads lone surrogates, which hardly anybody sends

        return json.loads(kept)
