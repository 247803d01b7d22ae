"""Regular expressions in ECMA-262's syntax, which JSON Schema uses, translated to Python's."""

import importlib
import re
import warnings
from typing import Any, Final

from chatdouble.core.expressions import LARGEST, TooLargeError

_PAIR: Final = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
"""Two surrogates, which are one character."""
_ANY_PAIR: Final = r"\[\\u[dD]800-\\u[dD][bB][fF]{2}\]\[\\u[dD][cC]00-\\u[dD][fF]{3}\]"
_PIECES: Final = re.compile(
    _PAIR + "|" + _ANY_PAIR + r"|\\[pP](?:\{[^}]*\}|.)|\\k<\w+>|\\u\{[0-9a-fA-F]+\}|\\.|\(\?<(?![=!])|\[\^\]|\[\]|.",
    re.DOTALL,
)

_FOREIGN: Final = re.compile(
    r"\\[pPk]|\\u\{|\\u[dD][89abAB]|\(\?<(?![=!])|\[\^?\]|\[(?>(?:[^\]\\\[&~|]|\\.)*)[\[&~|]", re.DOTALL
)
"""The parts of a pattern that Python may write otherwise; most patterns have none."""

# Subsets of the Unicode classes: generated text needs members of a class, not all of them.
_CLASSES: Final = {
    "L": "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0391-\u03a9\u03b1-\u03c9\u0410-\u044f",
    "Lu": "A-Z\u00c0-\u00d6\u00d8-\u00de",
    "Ll": "a-z\u00df-\u00f6\u00f8-\u00ff",
    "N": "0-9",
    "Nd": "0-9",
    "P": "!-#%-*,-/:;?@_\u00a1\u00a7\u00ab\u00b6\u00b7\u00bb\u00bf\\[\\]\\\\{}",
    "S": "$+<=>\\^`|~\u00a2-\u00a6\u00a8\u00a9\u00ac\u00ae-\u00b1",
    "Z": " \u00a0",
    "Zs": " \u00a0",
}
_ALIASES: Final = {
    "Letter": "L",
    "Alphabetic": "L",
    "Uppercase_Letter": "Lu",
    "Uppercase": "Lu",
    "Lowercase_Letter": "Ll",
    "Lowercase": "Ll",
    "Number": "N",
    "Decimal_Number": "Nd",
    "Punctuation": "P",
    "Symbol": "S",
    "Separator": "Z",
    "Script=Latin": "L",
}


TOO_DEEP: Final = "Its parts are nested too deeply for this server."
"""Why an expression or a grammar is not read."""


def parsed(pattern: str) -> Any:
    """Return a pattern in Python's syntax as Python's own parser has it, which `re.compile` uses.

    Raises:
        ValueError: The pattern is invalid, or too long.
    """
    if len(pattern) > LARGEST:
        raise TooLargeError
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module("re._parser").parse(pattern)
        except RecursionError:
            raise ValueError(TOO_DEEP) from None
        except (re.error, OverflowError) as error:
            raise ValueError(str(error)) from error


def to_python(pattern: str) -> str | None:
    """Return the equivalent pattern in Python's syntax, or None if Python cannot compile it or it is too long.

    Args:
        pattern: An ECMA-262 regular expression, from `pattern` or `patternProperties`.
    """
    if len(pattern) > LARGEST:
        return None
    python = _translate(pattern) if _FOREIGN.search(pattern) else pattern
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(python)
    except (re.error, OverflowError, RecursionError):
        return None
    return python


def _translate(pattern: str) -> str:
    translated: list[str] = []
    in_set = False
    for piece in _PIECES.findall(pattern):
        if piece in ("[^]", "[]") and not in_set:
            translated.append(r"[\s\S]" if piece == "[^]" else "(?!)")
        elif in_set and piece in "[&~|":
            translated.append("\\" + piece)
        elif piece in ("[", "]") and in_set == (piece == "]"):
            in_set = piece == "["
            translated.append(piece)
        else:
            translated.append(_translate_piece(piece, in_set=in_set))
    return "".join(translated)


def _translate_piece(piece: str, *, in_set: bool) -> str:
    if piece[2:3] in ("d", "D") and len(piece) == _LENGTH_OF_PAIR:
        return _character(piece)
    if piece.startswith(r"[\u"):
        return "[\U00010000-\U0010ffff]"
    if piece == "(?<":
        return piece if in_set else "(?P<"
    if piece.startswith(r"\k<"):
        return f"(?P={piece[3:-1]})"
    if piece.startswith(r"\u{"):
        return re.escape(chr(min(int(piece[3:-1], 16), 0x10FFFF)))
    if piece.startswith((r"\p", r"\P")):
        return _unicode_class(piece, in_set=in_set)
    return piece


_LENGTH_OF_PAIR: Final = 12


def _character(pair: str) -> str:
    """Return the character that two escaped surrogates are, for an expression."""
    return re.escape(
        (chr(int(pair[2:6], 16)) + chr(int(pair[8:], 16))).encode("utf-16", "surrogatepass").decode("utf-16")
    )


def _unicode_class(piece: str, *, in_set: bool) -> str:
    name = piece[2:].strip("{}").removeprefix("General_Category=").removeprefix("gc=")
    members = _CLASSES.get(_ALIASES.get(name, name), _CLASSES["L"])
    if in_set:
        return members
    return f"[{'^' if piece[1] == 'P' else ''}{members}]"
