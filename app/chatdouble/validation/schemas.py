"""Schemas checked once: the same few come with every request of a client."""

from functools import lru_cache
from typing import Any

import orjson

from chatdouble.errors import APIError
from chatdouble.validation import strict_schema


def fault(schema: dict[str, Any], *, subject: str, param: str, code: str | None, strict: bool) -> APIError | None:
    """Return what the API says to a schema, or None if it takes it; see `strict_schema.check`."""
    try:
        known = _Schema(orjson.dumps(schema), schema)
    except TypeError:  # too deep to be written: judged each time anew
        message = _judged(schema, subject, code, strict)
    else:
        message = _remembered(known, subject, code, strict)
    return APIError(message, param=param, code=code) if message else None


class _Schema:
    """A schema that is the same as another when they are written the same."""

    __slots__ = ("value", "written")

    def __init__(self, written: bytes, value: dict[str, Any]) -> None:
        self.written = written
        self.value = value

    def __hash__(self) -> int:
        return hash(self.written)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Schema) and self.written == other.written


@lru_cache(maxsize=1024)
def _remembered(schema: _Schema, subject: str, code: str | None, strict: bool) -> str | None:
    return _judged(schema.value, subject, code, strict)


def _judged(schema: dict[str, Any], subject: str, code: str | None, strict: bool) -> str | None:
    try:
        strict_schema.check(schema, subject=subject, param="", code=code, strict=strict)
    except APIError as error:
        return error.message
    return None
