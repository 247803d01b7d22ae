"""The figures of docs/performance.md are those of the last run, and no others."""

import json
import re

from bench.page import LATEST, PAGE, rendered


def test_the_page_has_the_results_of_the_last_run() -> None:
    page = PAGE.read_text("utf-8")
    assert page == rendered(page, json.loads(LATEST.read_text("utf-8")))


def test_a_result_that_changes_changes_the_page() -> None:
    page, results = PAGE.read_text("utf-8"), json.loads(LATEST.read_text("utf-8"))
    results["starts"]["chatdouble"]["seconds"] = 0.125
    changed = rendered(page, results)
    assert re.search(r"\| first 200 after, in s \| <= 0\.24 \| \*\*0\.125\*\* \|", changed)
    assert rendered(changed, results) == changed


def test_the_page_is_read_in_three_minutes() -> None:
    text = re.sub(r"^\|.*$", "", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    assert len(text.split()) < 700
