"""What a script may write in other languages: regular expressions and JSONPath, compiled once."""

import re
from functools import lru_cache
from typing import cast

from jsonpath import JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError

_PATHS = JSONPathEnvironment(strict=True)


@lru_cache(maxsize=4096)
def pattern(text: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Compile a regular expression; `.` matches line ends too, since a message has many lines.

    Raises:
        ValueError: It is none; the message says why and where.
    """
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    try:
        return re.compile(text, flags)
    except re.error as wrong:
        raise ValueError(f"not a regular expression: {wrong}") from None


@lru_cache(maxsize=4096)
def glob(text: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Compile a text with `*` for any characters, all else standing for itself, to match whole texts."""
    return pattern(".*".join(map(re.escape, text.split("*"))) + r"\Z", ignore_case=ignore_case)


@lru_cache(maxsize=4096)
def json_path(text: str) -> JSONPath:
    """Compile a JSONPath (RFC 9535); the leading `$.` may be left out.

    Raises:
        ValueError: It is none; the message says why.
    """
    try:
        # Strict RFC 9535 has no unions of paths, so there is just one.
        return cast("JSONPath", _PATHS.compile(text if text.startswith("$") else f"$.{text}"))
    except JSONPathError as wrong:
        raise ValueError(f"{text!r} is not a JSONPath: {str(wrong).splitlines()[0]}") from None


def checked_pattern(text: str) -> str:
    """Return a regular expression unchanged.

    Raises:
        ValueError: It is none.
    """
    pattern(text)
    return text


def checked_path(text: str) -> str:
    """Return a JSONPath unchanged.

    Raises:
        ValueError: It is none.
    """
    json_path(text)
    return text
