"""Counts equal the recorded ones as often as the README says."""

from collections import defaultdict

import pytest

from corpora import full_corpora
from token_agreement import Compared, compared_answers, compared_prompts

pytestmark = full_corpora


def shares(compared: list[Compared]) -> dict[str, float]:
    """Return how many of each kind are equal, from 0 to 1."""
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for one in compared:
        groups[one.kind].append(one.off == 0)
    return {kind: sum(equal) / len(equal) for kind, equal in groups.items()}


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("text", 0.995),
        ("json_object", 1),
        ("json_schema", 0.99),
        ("tools", 0.95),
        ("tools and calls", 0.95),
        ("functions", 1),
        ("search", 1),
        ("audio", 0.95),
        ("image", 0.8),
        ("file", 0.4),
    ],
)
def test_recorded_prompts_are_counted(kind: str, least: float) -> None:
    assert shares([*compared_prompts()])[kind] >= least


async def test_recorded_answers_are_counted() -> None:
    found = shares(await compared_answers())
    least = {"text": 0.9, "refusal": 1, "call": 0.75, "calls": 0.8}
    assert {kind: share for kind, share in found.items() if share < least[kind]} == {}
