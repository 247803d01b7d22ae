"""Parsing of JSON that has very long strings or runs of blanks, in steps between which other threads get their turns.

Each long string is read piece by piece. A short one stands for it while the rest is parsed, without most blanks.
"""

import re
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, Final

import orjson

from chatdouble.core.json import as_array, is_object

_STEP: Final = 256 * 1024
"""The bytes that are looked at in one step; a string that is longer is a long one."""

# Groups are atomic, not possessive, see `dense_json`.
_WHOLE_TOKENS: Final = re.compile(rb'(?>(?:[^"]++|"(?>(?:[^"\\]++|\\.)*)")*)', re.DOTALL)
# A pair of surrogates stays together. A lone one ends the match: orjson refuses it too.
_CHARACTERS: Final = re.compile(
    rb'(?>(?:[^"\\]++|\\[^u]|\\u(?![dD][89a-bA-B])[0-9a-fA-F]{4}'
    rb"|\\u[dD][89a-bA-B][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4})*)",
    re.DOTALL,
)
_NO_JSON: Final = re.compile(rb'[^\s,:\[\]{}"]++')
"""Characters of a possible number. One that is as long as a step is no number, and would be read at once."""
_BLANKS: Final = b" \t\r\n"
_MOST_BLANKS: Final = _STEP // 8
"""The blanks in a step beyond which long runs of them are left out."""
_AS_SPACES: Final = bytes.maketrans(b"\t\r\n", b"   ")
_RUN: Final = b" " * 64
_LONG_BLANKS: Final = re.compile(rb'("(?>(?:[^"\\]++|\\.)*)")|[ \t\r\n]{64,}+', re.DOTALL)
"""A string, and a run of blanks that is in none."""
_CONTINUES: Final = range(0x80, 0xC0)
"""The bytes of UTF-8 that continue a character."""


def loads(raw: bytes, parse: Callable[[bytes], Any]) -> Any:
    """Return the value of a JSON text.

    Args:
        raw: The text.
        parse: Returns the value of a JSON text without long strings.

    Raises:
        orjson.JSONDecodeError: It is not JSON.
    """
    pieces, texts = _divided(raw)
    if not texts:
        return parse(pieces[0])
    # In JSON a NUL has one spelling, so a text that is not in the pieces is in no string of theirs either.
    marks = (b"\\u0000%d " % number for number in count())
    mark = next(mark for mark in marks if not any(mark in piece for piece in pieces))
    short = [pieces[0]]
    for number, piece in enumerate(pieces[1:]):
        short += b'"%b%d"' % (mark, number), piece
    known = {orjson.loads(b'"%b%d"' % (mark, number)): text for number, text in enumerate(texts)}
    return _restored(parse(b"".join(short)), known)


def _divided(raw: bytes) -> tuple[list[bytes], list[str]]:
    """Return the pieces of a text around its long strings, and these."""
    pieces: list[bytes] = []
    texts: list[str] = []
    between: list[bytes] = []
    at = 0
    while at < len(raw):
        end = _end(_WHOLE_TOKENS, raw, at)
        if _end(_NO_JSON, raw, at) == at + _STEP:
            raise orjson.JSONDecodeError("invalid number", "", 0)
        if end > at:
            between.append(_with_few_blanks(raw[at:end]))
            at = end
            continue
        pieces.append(b"".join(between))
        between = []
        text, at = _string(raw, at)
        texts.append(text)
    return [*pieces, b"".join(between)], texts


def _with_few_blanks(step: bytes) -> bytes:
    """Return whole tokens without the blanks between them, if there are many."""
    if len(step) - len(step.translate(None, _BLANKS)) <= _MOST_BLANKS or _RUN not in step.translate(_AS_SPACES):
        return step  # blanks of indentation, for example, come in short runs
    return _LONG_BLANKS.sub(rb"\1 ", step)


def _end(pattern: re.Pattern[bytes], raw: bytes, at: int) -> int:
    """Return where the match of a pattern ends that begins at a position and takes one step at most."""
    found = pattern.match(raw, at, at + _STEP)
    return found.end() if found else at


def _string(raw: bytes, at: int) -> tuple[str, int]:
    """Return the string that begins at a position, and the position after it.

    Raises:
        orjson.JSONDecodeError: It does not end, or has what no string has.
    """
    parts: list[str] = []
    at += 1
    while raw[at : at + 1] != b'"':
        end = _end(_CHARACTERS, raw, at)
        while at < end < len(raw) and raw[end] in _CONTINUES:
            end -= 1
        if end == at:
            raise orjson.JSONDecodeError("invalid string", "", 0)
        parts.append(orjson.loads(b'"%b"' % raw[at:end]))
        at = end
    return "".join(parts), at + 1


def _restored(value: Any, texts: dict[str, str]) -> Any:
    """Return a value with the long strings in the places of those that stand for them."""
    outer = [value]
    waiting: list[Any] = [outer]
    while waiting:
        held = waiting.pop()
        if is_object(held) and not texts.keys().isdisjoint(held):
            renamed = {texts.get(key, key): inner for key, inner in held.items()}
            held.clear()
            held.update(renamed)
        # Not a copy of the items, of which there may be many: the keys stay as they are.
        places: Iterable[tuple[Any, Any]] = held.items() if is_object(held) else enumerate(as_array(held))
        for place, inner in places:
            if inner.__class__ is str:
                if inner in texts:
                    whole: Any = held
                    whole[place] = texts[inner]
            elif inner.__class__ is dict or inner.__class__ is list:
                waiting.append(inner)
    return outer[0]
