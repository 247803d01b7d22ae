"""Parsing of JSON that has very many values, in steps between which other threads get their turns.

orjson parses a text in one step, however long that takes. Here it gets groups of an array's or an object's members;
where the groups begin and end is found by expressions that look at no more than some thousand values at once.
"""

import re
from typing import Any, Final

import orjson

from chatdouble.core.json import TooManyValuesError, count
from chatdouble.core.releasing import release

_MANY: Final = 40_000
"""The commas from which a text is dense: about as many values take orjson ten milliseconds."""
_DEEPEST: Final = 256
_MOST_VALUES: Final = 5_000_000
"""The commas of a text that is parsed, which are nearly its values."""
_MOST_PARTS: Final = 2_000_000
"""The objects and arrays of a text that is parsed: each of them takes a hundred bytes or two."""
_MOST_KEYS: Final = 250_000
"""The keys of one object: Python moves all of them in one step when there are more of them than it has room for."""
_LONGEST_SCALAR: Final = 1024 * 1024
"""The bytes of a text that is no array and no object; long strings are read elsewhere."""

# Repeated groups are atomic, not possessive: before 3.11.5, Python matches too little of those (python/cpython#106052).
_SCALARS: Final = rb'[^"\[\]{},]++|"(?>(?:[^"\\]++|\\.)*)"'
"""Parts of members that are no arrays and no objects: numbers, literals, colons, blanks and strings."""
_SMALL: Final = rb"[\[{](?>(?:%b|,){0,64})[\]}]" % _SCALARS
_SMALLER_THAN_A_STEP: Final = rb"(?>(?:%b|%b|[\[{](?>(?:%b|,|%b){0,64})[\]}])*)" % (_SCALARS, _SMALL, _SCALARS, _SMALL)
"""A member whose arrays and objects are small."""

_MEMBERS: Final = re.compile(rb"(?>(?:%b,){1,64})" % _SMALLER_THAN_A_STEP, re.DOTALL)
_MEMBER: Final = re.compile(_SMALLER_THAN_A_STEP, re.DOTALL)
_BLANK: Final = re.compile(rb"[ \t\r\n]*+")


def is_dense(raw: bytes) -> bool:
    """Tell whether a text has so many values that orjson would keep other threads waiting."""
    return raw.count(b",") > _MANY


def loads(raw: bytes) -> Any:
    """Return the value of a JSON text, as orjson does.

    Raises:
        orjson.JSONDecodeError: It is not JSON, or nested deeper than some hundred levels.
        TooManyValuesError: It has more values than the memory should hold.
    """
    if count(raw, b",") > _MOST_VALUES or count(raw, b"[") + count(raw, b"{") > _MOST_PARTS:
        most = f"{_MOST_VALUES:,} values, {_MOST_PARTS:,} of them objects and arrays"
        raise TooManyValuesError(f"too large: it may have up to {most}", "", 0)
    start = _after_blank(raw, 0)
    if raw[start : start + 1] not in (b"[", b"{"):
        if len(raw) > _LONGEST_SCALAR:
            raise _invalid(raw, start)  # the library's error would have a copy of the text
        return orjson.loads(raw)
    reader = _Reader(raw)
    try:
        return reader.whole(start)
    except orjson.JSONDecodeError as wrong:
        wrong.__traceback__ = None  # its frames have the values that were read
        release(reader.opened)
        raise


class _Reader:
    """Reads the arrays and objects of one text.

    Attributes:
        opened: The arrays and objects that have begun and not ended, outer ones first.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.opened: list[Any] = []

    def whole(self, at: int) -> Any:
        """Return the array or object that begins at a position, behind which nothing else may follow."""
        value, end = self.container(at, 1)
        if _after_blank(self._raw, end) != len(self._raw):
            self.opened.append(value)
            raise _invalid(self._raw, end)
        return value

    def container(self, at: int, depth: int) -> tuple[Any, int]:
        """Return the array or object that begins at a position, and the position after it."""
        raw, is_list = self._raw, self._raw[at] == ord("[")
        made: Any = [] if is_list else {}
        self.opened.append(made)
        start = at + 1
        is_first = True
        while True:
            if found := _MEMBERS.match(raw, start):
                self._add(made, raw[start : found.end() - 1], start)
                start, is_first = found.end(), False
                continue
            end = self._end_of_member(start)
            if raw[end] in b"]}":
                if raw[end] != (ord("]") if is_list else ord("}")):
                    raise _invalid(raw, end)
                if not (is_first and _after_blank(raw, start) == end):
                    self._add(made, raw[start:end], start)
                return self.opened.pop(), end + 1
            if depth >= _DEEPEST:
                raise _invalid(raw, end)
            start = self._add_large(made, start, end, depth)
            is_first = False
            if raw[start - 1] in b"]}":
                if raw[start - 1] != (ord("]") if is_list else ord("}")):
                    raise _invalid(raw, start)
                return self.opened.pop(), start

    def _end_of_member(self, start: int) -> int:
        """Return the position of what ends a member: a bracket that closes, or one that opens a large value."""
        found = _MEMBER.match(self._raw, start)
        end = found.end() if found else start
        if end >= len(self._raw) or self._raw[end] not in b"[]{}":
            raise _invalid(self._raw, end)
        return end

    def _add(self, made: Any, members: bytes, at: int) -> None:
        """Add a group of members to an array or an object."""
        if not members.strip():
            raise _invalid(self._raw, at)
        if isinstance(made, list):
            made.extend(orjson.loads(b"[%b]" % members))  # pyright: ignore[reportUnknownMemberType] - of any type
        else:
            made.update(orjson.loads(b"{%b}" % members))
            _check_size(made)

    def _add_large(self, made: Any, start: int, opened: int, depth: int) -> int:
        """Add a member with a large value; return the position after it and after the comma or bracket behind it."""
        before = self._raw[start:opened].strip(b" \t\r\n")
        value, end = self.container(opened, depth + 1)
        if isinstance(made, list):
            if before:
                raise _invalid(self._raw, start)
            made.append(value)  # pyright: ignore[reportUnknownMemberType] - of any type
        else:
            # The key and its colon are those of an object whose value is null.
            ((key, _),) = orjson.loads(b"{%bnull}" % before).items()
            made[key] = value
            _check_size(made)
        end = _after_blank(self._raw, end)
        if self._raw[end : end + 1] not in (b",", b"]", b"}"):
            raise _invalid(self._raw, end)
        return end + 1


def _check_size(made: dict[str, Any]) -> None:
    if len(made) > _MOST_KEYS:
        raise TooManyValuesError(f"too large: an object in it may have up to {_MOST_KEYS:,} keys", "", 0)


def _after_blank(raw: bytes, at: int) -> int:
    found = _BLANK.match(raw, at)
    return found.end() if found else at


def _invalid(raw: bytes, at: int) -> orjson.JSONDecodeError:
    return orjson.JSONDecodeError("unexpected character", raw[max(at - 20, 0) : at + 20].decode("utf-8", "replace"), 0)
