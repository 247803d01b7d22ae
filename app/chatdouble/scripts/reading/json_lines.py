"""JSON on lines of YAML files, which is read and written a hundred times faster than any other YAML.

Recordings have it: a stream has thousands of frames, and some texts have megabytes, which the library for YAML reads
and writes in one call.
"""

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import orjson

from chatdouble.core.json import is_array, is_object, loads, values_in
from chatdouble.core.json_in_steps import encode_in_steps
from chatdouble.core.json_in_steps import is_short as may_be_written

LONG: Final = 64 * 1024
"""The characters from which a text is long."""
_LONGEST_KEY: Final = 128
"""The characters of a key. With escapes these are fewer than the 1,024 that YAML reads."""
_MAY_HAVE_LONG_KEY: Final = 1024
_MOST_COMMAS: Final = 500_000
"""The commas of all lines. With their keys these are the million values that a file may have."""
_ODD: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that YAML takes for the ends of lines, or does not take."""
_ITEM: Final = "- "
_BEFORE: Final = re.compile(r' *+(?:- (?=\{?")|(?:- )?[A-Za-z_]\w*+: (?="))')
"""The beginning of a line with an object or a text as an item of a list, or with the text of a key."""


def json_line(value: dict[str, Any] | str, *, is_short: bool = False) -> str | None:
    """Return a value as JSON that YAML reads as the same value, without line ends; None if there is none.

    Args:
        value: The value.
        is_short: Whether it is known to be written in no time.
    """
    try:
        if is_short or may_be_written([value]):
            line = _printable(orjson.dumps(value))
        else:
            line = "".join(map(_printable, encode_in_steps(value, orjson.dumps)))
    except (TypeError, RecursionError):  # a lone surrogate, a very large number, or nested too deeply
        return None
    return None if len(line) > _MAY_HAVE_LONG_KEY and _has_long_key(value) else line


def _printable(piece: bytes) -> str:
    text = piece.decode()
    if text.isascii() and "\x7f" not in text:
        return text
    return _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _has_long_key(value: object) -> bool:
    if is_object(value) and any(len(key) > _LONGEST_KEY for key in value):
        return True
    return any(_has_long_key(held) for held in values_in(value) if held.__class__ is dict or held.__class__ is list)


class _Taken(NamedTuple):
    """Values that were taken out of a text together.

    Attributes:
        before: What is before each of them on their lines.
        values: The values: items of a list that follow each other, or one of a key.
    """

    before: str
    values: list[Any]


class JsonLines:
    """A YAML text without its lines of JSON, for which marks stand.

    Args:
        text: The text.

    Attributes:
        is_empty: Whether the text has no such lines.
    """

    def __init__(self, text: str) -> None:
        self._lines: list[str | _Taken] = []
        self._left = _MOST_COMMAS
        for line in text.split("\n"):
            self._add(line)
        self._taken = [one for one in self._lines if isinstance(one, _Taken)]
        self.is_empty = not self._taken or self._left < 0

    def _add(self, line: str) -> None:
        found = _BEFORE.match(line)
        value = self._value(line[found.end() :]) if found else None
        if found is None or value is None:
            self._lines.append(line)
            return
        before, last = found[0], self._lines[-1] if self._lines else None
        if isinstance(last, _Taken) and last.before == before and before.endswith(_ITEM):
            last.values.append(value)
        else:
            self._lines.append(_Taken(before, [value]))

    def _value(self, line: str) -> Any:
        """Return the value of a line of JSON; None if YAML might read another."""
        is_text = line.startswith('"')
        if not line.endswith('"' if is_text else "}") or (is_text and len(line) <= LONG):
            return None
        self._left -= line.count(",")
        if self._left < 0:
            return None
        try:
            value: Any = loads(line.encode())
        except (orjson.JSONDecodeError, UnicodeEncodeError):
            return None
        # YAML refuses keys that occur twice, and some characters, and reads pairs of surrogates as two characters.
        return value if json_line(value, is_short=len(line) < LONG) == line else None

    def rest(self) -> str:
        """Return the text with marks in the place of the lines."""
        return "\n".join(self._with_marks(self._mark()))

    def _mark(self) -> str:
        mark, others = "json-", "\n".join([line for line in self._lines if isinstance(line, str)])
        while mark in others:
            mark += "0-"
        return mark

    def _with_marks(self, mark: str) -> Iterator[str]:
        number = 0
        for line in self._lines:
            if isinstance(line, str):
                yield line
            else:
                yield f"{line.before}{mark}{number}"
                number += 1

    def restored(self, rest: Any) -> Any:
        """Return the value of the whole text, given that of the rest; None if a mark is in a longer text."""
        mark = self._mark()
        known = {f"{mark}{number}": taken.values for number, taken in enumerate(self._taken)}
        waiting, seen = [rest], set[int]()
        while waiting:
            held = waiting.pop()
            if id(held) in seen:  # an alias, whose values would have to be counted
                return None
            seen.add(id(held))
            waiting += [inner for inner in values_in(held) if inner.__class__ is dict or inner.__class__ is list]
            if is_array(held) and not known.keys().isdisjoint(one for one in held if one.__class__ is str):
                held[:] = [one for inner in held for one in _values(inner, known)]
            elif is_object(held):
                for key, inner in held.items():
                    held[key] = _values(inner, known)[0]
        return None if known else rest


def _values(value: Any, known: dict[str, list[Any]]) -> list[Any]:
    """Return the values for which a value stands, usually itself alone; each mark stands for its values once."""
    found = known.pop(value, None) if value.__class__ is str else None
    return [value] if found is None else found
