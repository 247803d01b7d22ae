"""What somebody may have meant by a name that does not exist."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_NEAR: Final = 0.85
"""How alike two names are, of 1: 'temperatur' has a suggestion, 'top_k' and 'reasoning' have none."""


def did_you_mean(name: str, known: Iterable[str], given: Iterable[str] = ()) -> str | None:
    """Return the known name that was meant, if there is one and it was not given as well (errors#unknown)."""
    near = get_close_matches(name, set(known).difference(given), 1, _NEAR)
    return near[0] if near else None
