"""Texts that people read, in logs and reports: of bounded length, and without characters that nobody sees."""

import json
from typing import Final
from unicodedata import category

_LONGEST: Final = 1000


def escaped(text: str, kept: str = "") -> str:
    r"""Return a text with its control characters and marks of direction as escapes, such as `\x1b`.

    Args:
        text: The text.
        kept: Characters that stay, such as line breaks.
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() or one in kept else _escape(one) for one in text)


def has_controls(text: str) -> bool:
    """Tell whether a text has control characters."""
    return not text.isprintable() and any(category(one) == "Cc" for one in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode()


def legible(value: object, longest: int = _LONGEST) -> str:
    """Return a text, or another value as JSON, in at most about `longest` characters; line breaks stay.

    A longer text keeps its beginning, and says how many characters it has; of a value that is much longer no more is
    written.
    """
    if isinstance(value, str):
        return escaped(_cut(value, longest), kept="\n")
    from chatdouble.core.json_in_steps import beginning_of, is_short  # noqa: PLC0415 - commands escape texts alone

    if not is_short([value]):
        return escaped(f"{beginning_of(value, longest)}... (very long)", kept="\n")
    return escaped(_cut(json.dumps(value, ensure_ascii=False, default=str), longest), kept="\n")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text)} characters)"
