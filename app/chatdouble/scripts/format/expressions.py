"""Regular expressions, globs and JSONPaths in scripts, each compiled once."""

import re
import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from chatdouble.core.expressions import Expression, check_size

if TYPE_CHECKING:
    from jsonpath import JSONPath


@lru_cache(maxsize=4096)
def pattern(text: str, *, ignore_case: bool = False) -> Expression:
    """Compile a regular expression in which `.` also matches line breaks, since messages have many lines.

    Raises:
        ValueError: It is not a regular expression; the message says why and where.
    """
    flags = re.DOTALL | (re.IGNORECASE if ignore_case else 0)
    try:
        check_size(text)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text, flags)  # Python's syntax is what is documented; the engine understands more than that
        return Expression(text, flags)
    except (re.error, OverflowError, RecursionError, ValueError) as wrong:
        raise ValueError(f"not a regular expression: {wrong}") from None


@lru_cache(maxsize=4096)
def glob(text: str, *, ignore_case: bool = False) -> Expression:
    """Compile a text for matching whole texts; `*` matches any characters, everything else is literal."""
    return pattern(".*".join(map(re.escape, text.split("*"))) + r"\Z", ignore_case=ignore_case)


@lru_cache(maxsize=4096)
def json_path(text: str) -> "JSONPath":
    """Compile a JSONPath (RFC 9535); the leading `$.` is optional.

    Raises:
        ValueError: It is not a JSONPath; the message says why.
    """
    # Few scripts have a JSONPath, and the library takes a tenth of a second to import.
    from jsonpath import JSONPathEnvironment  # noqa: PLC0415
    from jsonpath.exceptions import JSONPathError  # noqa: PLC0415

    try:
        # Strict RFC 9535 has no unions of paths, so the result is a single path.
        whole = text if text.startswith("$") else f"$.{text}"
        return cast("JSONPath", JSONPathEnvironment(strict=True).compile(whole))
    except JSONPathError as wrong:
        raise ValueError(f"{text!r} is not a JSONPath: {str(wrong).splitlines()[0]}") from None


def checked_pattern(text: str) -> str:
    """Return a regular expression unchanged.

    Raises:
        ValueError: It is not a regular expression.
    """
    pattern(text)
    return text


def checked_path(text: str) -> str:
    """Return a JSONPath unchanged.

    Raises:
        ValueError: It is not a JSONPath.
    """
    json_path(text)
    return text
