"""JSON written the way other JSON was written."""

import json
from collections.abc import Callable
from typing import Any, Final

import orjson

_FORMATS: Final[tuple[Callable[[Any], bytes], ...]] = (
    orjson.dumps,
    lambda value: _indented(value, 2),
    lambda value: _indented(value, 2) + b"\n",
    lambda value: _indented(value, 4) + b"\n",
    lambda value: _indented(value, 4),
    lambda value: json.dumps(value).encode(),
)
"""The ways in which APIs write JSON (wire 3, 4 and 7), compact first."""


def same_format(value: Any, like: bytes) -> bytes:
    """Return a JSON value written as other JSON is: compact or indented, with or without a last line end.

    Args:
        value: The value.
        like: The JSON to be like; where no known way gives it, compact is taken.
    """
    original = orjson.loads(like)
    write = next((write for write in _FORMATS if write(original) == like), orjson.dumps)
    return write(value)


def _indented(value: Any, indent: int) -> bytes:
    return json.dumps(value, indent=indent, ensure_ascii=False).encode()
