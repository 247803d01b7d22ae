"""Large values and texts in parts, so that a search for secrets gives other threads their turns."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from chatdouble.core.json import has_more_values, is_array, is_object
from chatdouble.recordings.encoded_texts import Span

_FEW: Final = 200
"""The values of a member that is searched together with its neighbours."""
_TOGETHER: Final = 64
"""The members that are searched together."""

_WINDOW: Final = 128 * 1024
"""The characters of a text that are searched at once."""
_OVERLAP: Final = 4096
"""The characters that a window has from the one before: more than a secret and the words before it have."""
_WORD: Final = r"[A-Za-z0-9+/_-]*+"
"""The characters of base64."""
_QUARTET: Final = 4
"""The characters of base64 that are decoded together."""


def parts(value: Any) -> Iterator[Any]:
    """Yield a JSON value in parts: values that together have all of its texts, each with its key."""
    if not has_more_values(value, _FEW):
        yield value
    elif is_object(value):
        yield from _members(value)
    elif is_array(value):
        yield from _items(value)


def _members(value: dict[str, Any]) -> Iterator[Any]:
    group: dict[str, Any] = {}
    for key, held in value.items():
        if has_more_values(held, _FEW):
            yield key
            yield from parts(held)
            continue
        group[key] = held
        if len(group) == _TOGETHER:
            yield group
            group = {}
    yield group


def _items(value: list[Any]) -> Iterator[Any]:
    group: list[Any] = []
    for held in value:
        kind = held.__class__
        if kind is not str:
            if not held or not (kind is dict or kind is list):
                continue  # a number, for example, of which there may be millions
            if has_more_values(held, _FEW):
                yield from parts(held)
                continue
        group.append(held)
        if len(group) == _TOGETHER:
            yield group
            group = []
    yield group


def windows(text: str) -> Iterator[str]:
    """Yield a text in windows that overlap."""
    start = word = 0
    while start + _WINDOW < len(text):
        yield text[start : start + _WINDOW]
        start, word = _next(text, start, start + _WINDOW, word)
    yield text[start:]


def found_in_windows(text: str, find: Callable[[str], Iterable[Span]]) -> Iterator[Span]:
    """Yield what a search finds in a text, window by window: in any order, and some of it twice.

    Args:
        text: The text.
        find: Searches a text; returns starts and ends.
    """
    start, word, size = 0, 0, _WINDOW
    while start + size < len(text):
        found = [*find(text[start : start + size])]
        if any(after == size for _, after in found):
            size *= 2  # it may go on behind the window
            continue
        yield from _placed(found, start, word)
        (start, word), size = _next(text, start, start + size, word), _WINDOW
    yield from _placed(find(text[start:]), start, word)


def _placed(found: Iterable[Span], start: int, word: int) -> Iterator[Span]:
    """Yield the places in a text of what was found in a window; what begins with the window has all of its word."""
    return ((start + at if at else word, start + after) for at, after in found)


def _next(text: str, start: int, end: int, word: int) -> tuple[int, int]:
    """Return where the window begins that follows another, and where the word begins that is there.

    It begins at a word, or where the base64 of a long one may be cut.

    Args:
        text: The text.
        start: The start of the other window.
        end: Its end.
        word: The start of the word with which it begins.
    """
    latest = end - _OVERLAP
    before = re.match(_WORD, text[start:latest][::-1])
    length = before.end() if before else 0
    if length < latest - start:
        word = latest - length
        word += text[word - 1] == "\\"  # the letter of an escape, as in \nQUJD
    return (word if latest - word < _OVERLAP else latest - (latest - word) % _QUARTET), word
