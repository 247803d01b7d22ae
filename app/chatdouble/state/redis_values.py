"""The form of values in Redis."""

import json
from typing import Any, Final

import orjson

from chatdouble.core.json import encode

_BYTES: Final = b"\0"
"""The prefix of bytes; no JSON begins so."""
_EXACT: Final = b" "
"""The prefix of JSON that only the standard library reads as it was: with lone surrogates or integers over 64 bits.

A blank before a value means nothing, and orjson never writes one.
"""


def to_redis(value: Any) -> bytes:
    """Return a value as it is kept: bytes, JSON, or nothing for None."""
    if value is None:
        return b""
    if isinstance(value, bytes):
        return _BYTES + value
    try:
        return orjson.dumps(value)
    except TypeError:  # hardly anybody sends such a value
        return _EXACT + encode(value)


def from_redis(kept: bytes | None) -> Any:
    """Return a kept value."""
    if not kept:
        return None
    prefix = kept[:1]
    if prefix == _BYTES:
        return kept[1:]
    return json.loads(kept) if prefix == _EXACT else orjson.loads(kept)
