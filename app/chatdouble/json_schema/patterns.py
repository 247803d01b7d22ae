"""Searches with a schema's patterns, which end."""

from functools import lru_cache
from typing import Final

from chatdouble.core.expressions import Expression, TooLargeError, TooSlowError
from chatdouble.json_schema.steps import Steps

SLOW: Final = 4000
"""The steps of a search that took too long."""
_COMPILED: Final = 20
"""The steps that compiling a pattern takes beside those for its length."""
_LONGEST_KEPT: Final = 1000


def contains_match(pattern: str, text: str, steps: Steps | None = None, *, otherwise: bool = False) -> bool:
    """Return whether a text contains a match of a pattern.

    Args:
        pattern: The pattern, in Python's syntax.
        text: The text.
        steps: The budget, if the search is counted.
        otherwise: The result if the search takes too long, or the pattern is too large for one.

    Raises:
        ValueError: The pattern is not a regular expression.
        OutOfStepsError: The budget is used up.
    """
    if steps is None:
        try:
            return _compiled(pattern).search(text) is not None
        except (TooLargeError, TooSlowError):
            return otherwise
    steps.spend(1 + len(text) // 100)
    try:
        if pattern not in steps.expressions:
            steps.spend(_COMPILED + len(pattern) // 2)
            steps.expressions[pattern] = _compiled(pattern)
        return steps.expressions[pattern].search(text, steps.seconds(SLOW)) is not None
    except (TooLargeError, TooSlowError):
        steps.spend(SLOW)
        return otherwise


def _compiled(pattern: str) -> Expression:
    return _kept(pattern) if len(pattern) <= _LONGEST_KEPT else Expression(pattern)


@lru_cache(maxsize=256)
def _kept(pattern: str) -> Expression:
    return Expression(pattern)
