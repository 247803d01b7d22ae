"""Regular expressions that end: the third-party engine `regex`, which has a time limit.

The engine understands Python's expressions. It recognises most of those that take `re` exponential time, and the
limit ends the others.
"""

import importlib
import math
import re
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, cast

from chatdouble.core.errors import APIError

SECONDS: Final = 0.04
"""The time limit of one search."""
_SHORT: Final = 0.002
"""The time limit of a search that no other thread runs beside."""
_SHOWN: Final = 200
_LONG: Final = 256 * 1024
"""The characters of a text in which other threads run beside every search."""
LARGEST: Final = 50_000
"""The most characters of an expression whose repetitions are written out: engines take memory for each of them."""
_COUNT: Final = re.compile(r"\{(\d+)")


class TooLargeError(ValueError):
    """An expression that is too long, or repeats a part too often."""

    def __init__(self) -> None:
        super().__init__(f"with its repetitions written out, it has more than {LARGEST:,} characters")


class TooSlowError(APIError):
    """A search that took longer than its limit; a client that meets one of a script gets a `script_error`.

    Args:
        pattern: The expression.
    """

    def __init__(self, pattern: str) -> None:
        shown = pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}..."
        why = f"The regular expression {shown!r} takes too long on a text of this request; simplify it."
        super().__init__(why, status=500, type="script_error", code="script_error")
        self.with_headers({"x-should-retry": "false"})


class Expression:
    """A compiled regular expression whose searches have a time limit.

    Args:
        text: The expression, in Python's syntax.
        flags: Flags of `re`.

    Raises:
        ValueError: It is not a regular expression; the message says why and where.
        TooLargeError: It is too long, or repeats a part too often.
    """

    def __init__(self, text: str, flags: int = 0) -> None:
        # Imported on first use: most servers search for nothing. The package has no types.
        engine = importlib.import_module("regex")
        self.pattern = text
        check_size(text)
        try:
            self._compiled: Any = engine.compile(text, flags, cache_pattern=False)
        except (engine.error, OverflowError, RecursionError) as wrong:
            raise ValueError(str(wrong)) from None

    @property
    def groupindex(self) -> Mapping[str, int]:
        """The numbers of the named groups."""
        found: Mapping[str, int] = self._compiled.groupindex
        return found

    def search(self, text: str, seconds: float = SECONDS) -> "re.Match[str] | None":
        """Return the first match in a text, or None.

        Args:
            text: The text.
            seconds: The time limit.

        Raises:
            TooSlowError: The search took too long.
        """
        found: re.Match[str] | None = self._limited(self._compiled.search, text, seconds=seconds)
        return found

    def match(self, text: str) -> "re.Match[str] | None":
        """Return the match at the start of a text, or None.

        Raises:
            TooSlowError: The search took too long.
        """
        found: re.Match[str] | None = self._limited(self._compiled.match, text)
        return found

    def fullmatch(self, text: str, seconds: float = SECONDS) -> "re.Match[str] | None":
        """Return the match of a whole text, or None.

        Args:
            text: The text.
            seconds: The time limit.

        Raises:
            TooSlowError: The search took too long.
        """
        found: re.Match[str] | None = self._limited(self._compiled.fullmatch, text, seconds=seconds)
        return found

    def sub(self, replacement: str, text: str) -> str:
        """Return a text with its matches replaced.

        Raises:
            TooSlowError: The search took too long.
        """
        replaced: str = self._limited(self._compiled.sub, replacement, text)
        return replaced

    def _limited(self, search: Any, *arguments: str, seconds: float = SECONDS) -> Any:
        # A thread that lets others run for a few microseconds, again and again, takes all turns itself: they are woken
        # too late each time. Most searches are as short as that. In a long text the engine looks for the beginning of
        # a match without a look at the time.
        if len(arguments[-1]) <= _LONG:
            with suppress(TimeoutError):
                return search(*arguments, timeout=min(_SHORT, seconds), concurrent=False)
        try:
            return search(*arguments, timeout=seconds, concurrent=True)
        except TimeoutError:
            raise TooSlowError(self.pattern) from None


def check_size(text: str) -> None:
    """Check the size of an expression before anything compiles it.

    Raises:
        TooLargeError: It is too long, or repeats a part too often.
    """
    if len(text) > LARGEST or ("{" in text and _size(text) > LARGEST):
        raise TooLargeError


def _size(text: str) -> int:
    """Return the characters of an expression whose least repetitions are written out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            # The standard library's own parser, which has no types.
            return _written_out(importlib.import_module("re._parser").parse(text))
        except (re.error, OverflowError, RecursionError):  # the engine may understand what the parser does not
            return math.prod(max(int(count), 1) for count in _COUNT.findall(text))


def _written_out(part: Any) -> int:
    """Return the characters of a part of a parsed expression."""
    if isinstance(part, tuple | list):
        parts: tuple[Any, ...] = tuple(cast("Sequence[Any]", part))
        if len(parts) == 2 and str(parts[0]).endswith("_REPEAT"):  # noqa: PLR2004 - an operation and its value
            least, _most, inner = parts[1]
            return int(max(least, 1)) * _written_out(inner)
        return sum(map(_written_out, parts))
    return sum(map(_written_out, part)) if hasattr(part, "getwidth") else 1
