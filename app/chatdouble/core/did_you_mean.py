"""Suggestions for misspelled names."""

from collections.abc import Iterable
from typing import Final

_OWN_CUTOFF: Final = 0.6
"""Similarity from which this program's own messages suggest a name, from 0 to 1."""

_LETTERS_PER_EDIT: Final = 5
"""The API allows one wrong letter for each five letters of a name, and one in any name (errors#unknown)."""


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most similar to an unknown one, for this program's own messages; None: none is similar."""
    from difflib import get_close_matches  # noqa: PLC0415 - for mistakes

    near = get_close_matches(name, set(known), 1, _OWN_CUTOFF)
    return near[0] if near else None


def api_suggestions(name: str, known: Iterable[str], given: Iterable[str] = ()) -> list[str]:
    """Return the parameters that the API suggests for an unknown one (errors#unknown).

    Args:
        name: The unknown parameter.
        known: The parameters that exist.
        given: Parameters that are in the request already, and so were not meant.
    """
    near = max(1, len(name) // _LETTERS_PER_EDIT)
    left = sorted(set(known).difference(given))
    return [word for word in left if abs(len(word) - len(name)) <= near and _edits(name, word) <= near]


def _edits(one: str, other: str) -> int:
    """Count the letters to add, drop or change to turn one word into the other."""
    costs = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        left_above, costs[0] = costs[0], row
        for column, wanted in enumerate(other, 1):
            kept = left_above + (letter != wanted)
            left_above = costs[column]
            costs[column] = min(kept, left_above + 1, costs[column - 1] + 1)
    return costs[-1]
