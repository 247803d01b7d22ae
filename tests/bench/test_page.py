"""The figures of the documentation are those of the last run, and no others."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any, Final

import pytest
from bench.page import BLOCKS, LATEST, PAGES, PLOT, rendered
from bench.tables import missed

from bench import history, plot

PAGE: Final = PLOT.with_suffix(".md")


@pytest.fixture(name="results")
def _results() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(LATEST.read_text("utf-8"))
    return read


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_the_results_of_the_last_run(page: Path, results: dict[str, Any]) -> None:
    assert page.read_text("utf-8") == rendered(page.read_text("utf-8"), results)


def test_every_block_is_in_a_page() -> None:
    text = "".join(page.read_text("utf-8") for page in PAGES)
    assert sorted(re.findall(r"<!-- bench: (.*) -->", text)) == sorted(BLOCKS)


def test_a_result_that_changes_changes_the_page(results: dict[str, Any]) -> None:
    results["starts"]["chatdouble"]["seconds"] = 0.125
    changed = rendered(PAGE.read_text("utf-8"), results)
    assert re.search(r"\| first 200 after, in s \| <= 0\.24 \| \*\*0\.125\*\* \|", changed)
    assert rendered(changed, results) == changed


def test_goals_that_are_missed_are_listed_with_their_reason(results: dict[str, Any]) -> None:
    results["starts"]["chatdouble"] |= {"seconds": 9.5, "idle_mib": 400}
    (row,) = [line for line in missed(results) if "first 200 after, in s: 9.5" in line]
    assert "idle memory in MiB: 400" in row
    assert "Imports are most of a start" in row
    results["starts"]["chatdouble"]["seconds"] = 0.01
    assert "first 200" not in "".join(missed(results))


def test_what_was_not_measured_leaves_the_pages_whole(results: dict[str, Any]) -> None:
    few = {name: results[name] for name in ("at", "machine", "1 KB", "stream", "starts")}
    assert all(list(block(few)) for block in BLOCKS.values())


def test_the_plot_is_that_of_the_history(results: dict[str, Any]) -> None:
    runs = history.read(LATEST.parent)
    assert runs[-1]["at"] == results["at"]
    assert PLOT.read_text("utf-8") == plot.drawn(runs)
    root = ET.fromstring(PLOT.read_text("utf-8"))  # noqa: S314 - our own file
    texts = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"chatdouble", "mocktopus", "aimock"} <= set(texts)
    assert sum(runs[-1]["commit"] in text for text in texts) == 3


def test_the_page_is_read_in_three_minutes() -> None:
    text = re.sub(r"^\|.*$", "", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    assert len(text.split()) < 700
