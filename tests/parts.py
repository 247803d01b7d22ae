"""Parts of the tests that not every run has: those that read the recorded corpora, and the long ones.

Long tests are thorough rather than different: they show at length what others show in brief. They run where `CI` is
set, and by `make test LONG=1`. Elsewhere tests with random examples have fewer of them.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pytest

from corpora import REFERENCE, full_corpora

long = pytest.mark.long
"""Marks a test that is thorough rather than different."""

WHOLE: Final = any(os.environ.get(name) for name in ("CI", "LONG"))
"""True if this run has the long tests."""


def portion(number: int) -> int:
    """Return how many of a number of examples or rounds this run has: all, or a quarter."""
    return number if WHOLE else max(1, number // 4)


@dataclass(frozen=True, slots=True)
class Part:
    """Tests with a marker, which not every run has.

    Attributes:
        marker: The name of the marker.
        runs: Whether this run has them.
        line: The line of the summary, with a place for their number.
    """

    marker: str
    runs: bool
    line: str

    def split(self, items: Sequence[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
        """Split tests into those of this part and the others."""
        inside = [item for item in items if item.get_closest_marker(self.marker)]
        return inside, [item for item in items if item not in set(inside)]


PARTS: Final = (
    Part(
        full_corpora.name,
        runs=REFERENCE.exists(),
        line="full corpora beside the clone: {} tests of them ran, tests/corpus too"
        if REFERENCE.exists()
        else "full corpora not present beside the clone: {} tests of them not run; tests/corpus ran instead",
    ),
    Part(
        long.name,
        runs=WHOLE,
        line="long tests: {} ran, and random tests had all their examples"
        if WHOLE
        else "long tests: {} not run, and random tests had fewer examples; `make test LONG=1` runs all, as CI does",
    ),
)
