"""What two sequences have in common at their beginnings."""

from collections.abc import Iterable


def shared(one: Iterable[object], other: Iterable[object]) -> int:
    """Return how many of the first items are the same."""
    count = 0
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            break
        count += 1
    return count
