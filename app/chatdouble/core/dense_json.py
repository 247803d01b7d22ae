"""Parsing of JSON that has very many values, in steps between which other threads get their turns.

orjson parses a text in one step, however long that takes. Here it gets groups of an array's or an object's members;
where the groups begin and end is found by expressions that look at no more than some kilobytes at once.
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

_WINDOW: Final = 64 * 1024
"""The bytes that are looked at and parsed at once: they have so few values that this takes some milliseconds."""
_LEVELS: Final = 8
"""The levels of objects and arrays that an expression goes through."""

# Repeated groups are atomic, not possessive: before 3.11.5, Python matches too little of those (python/cpython#106052).
_STRING: Final = rb'"(?>(?:[^"\\]++|\\.)*)"'
_SCALARS: Final = rb'[^"\[\]{},]++|%b' % _STRING
"""Parts of members that are no arrays and no objects: numbers, literals, colons, blanks and strings."""


def _with_levels(parts: bytes, levels: int) -> bytes:
    """Return the expression of a member whose arrays and objects have up to a number of levels."""
    inner = parts
    for _ in range(levels):
        inner = rb"%b|[\[{](?>(?:%b|,)*)[\]}]" % (parts, inner)
    return rb"(?>(?:%b)*)" % inner


_MEMBERS: Final = re.compile(rb"(?>(?:%b,)+)" % _with_levels(_SCALARS, _LEVELS), re.DOTALL)
_MEMBER: Final = re.compile(_with_levels(_SCALARS, _LEVELS), re.DOTALL)
_SCALAR: Final = re.compile(_with_levels(_SCALARS, 0), re.DOTALL)
_BRACKET: Final = re.compile(rb'[\[\]{}]|"(?>(?:[^"\\]++|\\.)*)(?:"|\\?\Z)', re.DOTALL)
"""A bracket, or a string, which may have some, and may end later."""
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
        self._large: set[int] = set()
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
        raw, closing = self._raw, ord("]") if self._raw[at] == ord("[") else ord("}")
        made: Any = [] if closing == ord("]") else {}
        self.opened.append(made)
        start = at + 1
        while True:
            if found := _MEMBERS.match(raw, start, start + _WINDOW):
                self._add(made, raw[start : found.end() - 1], start)
                start = found.end()
                continue
            end = self._end_of_member(start)
            if raw[end] in b"[{":
                if depth >= _DEEPEST:
                    raise _invalid(raw, end)
                start = self._add_large(made, start, end, depth)
            else:
                is_empty = start == at + 1 and raw[end] == closing and _after_blank(raw, start) == end
                if not is_empty:
                    self._add(made, raw[start:end], start)
                start = end + 1
            if raw[start - 1] in b"]}":
                if raw[start - 1] != closing:
                    raise _invalid(raw, start)
                return self.opened.pop(), start

    def _end_of_member(self, start: int) -> int:
        """Return the position of a member's end: a comma, a bracket that closes, or one that opens a large value."""
        raw = self._raw
        found = _MEMBER.match(raw, start, start + _WINDOW)
        end = found.end() if found else start
        if end >= len(raw) or raw[end] not in b",]}":
            found = _SCALAR.match(raw, start)
            end = found.end() if found else start
        if end >= len(raw) or raw[end] not in b",[]{}":
            raise _invalid(raw, end)
        return end

    def _closed(self, at: int, depth: int) -> int | None:
        """Return the position after an array or object that ends within some kilobytes, if it does.

        Args:
            at: The position where it begins.
            depth: The arrays and objects around it.
        """
        if at in self._large:
            return None
        open_at: list[int] = []
        for found in _BRACKET.finditer(self._raw, at, at + _WINDOW):
            bracket = self._raw[found.start()]
            if bracket in b"[{":
                open_at.append(found.start())
                if len(open_at) + depth > _DEEPEST:
                    raise _invalid(self._raw, found.start())
            elif bracket in b"]}":
                open_at.pop()
                if not open_at:
                    return found.end()
        self._large.update(open_at)  # so that nobody looks for their ends again
        return None

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
        closed = self._closed(opened, depth)
        if closed is None:
            value, end = self.container(opened, depth + 1)
        else:
            value, end = orjson.loads(self._raw[opened:closed]), closed
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
