"""What somebody may have meant by a name that does not exist."""

from collections.abc import Iterable
from typing import Final

_LETTERS_AN_EDIT: Final = 5
"""For so many letters of a name one may be wrong, and one in any: 'top_k' is nearly 'top_p', 'text' is nothing."""


def did_you_mean(name: str, known: Iterable[str], given: Iterable[str] = ()) -> list[str]:
    """Return the known names that may have been meant and were not given as well (errors#sentences)."""
    near = max(1, len(name) // _LETTERS_AN_EDIT)
    left = sorted(set(known).difference(given))
    return [word for word in left if abs(len(word) - len(name)) <= near and _edits(name, word) <= near]


def _edits(one: str, other: str) -> int:
    """Count the letters to add, to drop or to change that make one word of the other."""
    costs = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        left_above, costs[0] = costs[0], row
        for column, wanted in enumerate(other, 1):
            kept = left_above + (letter != wanted)
            left_above = costs[column]
            costs[column] = min(kept, left_above + 1, costs[column - 1] + 1)
    return costs[-1]
