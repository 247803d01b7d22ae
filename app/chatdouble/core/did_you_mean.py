"""Suggestions for misspelled names."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

API_CUTOFF: Final = 0.85
"""Similarity from which the API suggests a parameter, from 0 to 1: it does for `temperatur`, not for `top_k`."""

OWN_CUTOFF: Final = 0.6
"""Similarity from which this program's own messages suggest a name."""


def did_you_mean(
    name: str, known: Iterable[str], given: Iterable[str] = (), *, cutoff: float = API_CUTOFF
) -> str | None:
    """Return the known name most similar to an unknown one, or None (errors#unknown).

    Args:
        name: The unknown name.
        known: The names that exist.
        given: Names that are already in use and so were not meant.
        cutoff: The similarity that a suggestion needs, from 0 to 1.
    """
    near = get_close_matches(name, set(known).difference(given), 1, cutoff)
    return near[0] if near else None
