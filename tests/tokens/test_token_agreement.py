"""Counts equal the recorded ones as often as before, and as often as the page on tokens says."""

import asyncio
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from corpora import full_corpora
from token_agreement import Compared, compared_answers, compared_prompts

pytestmark = full_corpora

PAGE: Final = (Path(__file__).parents[2] / "docs" / "reference" / "tokens.md").read_text()
TITLES: Final = {
    "text": "text",
    "json_object": "`json_object`",
    "json_schema": "`json_schema`",
    "tools": "tools",
    "tools and calls": "tools and replayed calls",
    "functions": "legacy functions",
    "search": "search models",
    "audio": "audio",
    "image": "images",
    "file": "PDF files",
    "tools, before 2024-12": "tools without a system message, before 2024-12",
    "audio, after a spoken answer": "a spoken answer replayed",
}
"""The page's names for the kinds of requests."""
TITLES_OF_ANSWERS: Final = {
    "call": "one call",
    "calls": "several calls",
    "call, required, in 2024": "a call that `tool_choice` required, in 2024",
    "calls, required, in 2024": "several of them, in 2024",
}
"""The page's names for the kinds of answers that have others there."""


def shares(compared: list[Compared]) -> dict[str, float]:
    """Return how many of each kind are equal, from 0 to 1."""
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for one in compared:
        groups[one.kind].append(one.off == 0)
    return {kind: sum(equal) / len(equal) for kind, equal in groups.items()}


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("text", 1),
        ("json_object", 1),
        ("json_schema", 1),
        ("tools", 1),
        ("tools and calls", 0.96),
        ("functions", 1),
        ("search", 1),
        ("audio", 1),
        ("image", 0.84),
        ("file", 0.4),
    ],
)
def test_recorded_prompts_are_counted(kind: str, least: float) -> None:
    assert shares([*compared_prompts()])[kind] >= least


async def test_recorded_answers_are_counted() -> None:
    found = shares(await compared_answers())
    least = {"text": 0.95, "refusal": 1, "call": 0.86, "calls": 0.93}
    assert {kind: found[kind] for kind, share in least.items() if found[kind] < share} == {}


def test_the_page_gives_the_shares_of_prompts() -> None:
    compared = [*compared_prompts()]
    assert [title for kind, title in TITLES.items() if f"| {title} | {_row(compared, kind)} |" not in PAGE] == []
    assert f"\nAnother {sum(one.kind not in TITLES for one in compared)} requests" in PAGE


def test_the_page_gives_the_shares_of_answers() -> None:
    compared = asyncio.run(compared_answers())
    titles = {one.kind: one.kind for one in compared} | TITLES_OF_ANSWERS
    assert [title for kind, title in titles.items() if f"| {title} | {_row(compared, kind)} |" not in PAGE] == []


def _row(compared: list[Compared], kind: str) -> str:
    offs = [one.off for one in compared if one.kind == kind]
    share = f"{100 * offs.count(0) / len(offs):.1f}".removesuffix(".0")
    return f"{len(offs)} | {share} %"
