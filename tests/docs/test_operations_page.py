"""docs/operations.md lists every metric of the server with its labels, and queries only metrics that exist."""

import re
from typing import Final

from chatdouble.server.metric_families import FAMILIES, Family
from pages import PAGES

PAGE: Final = PAGES["operations.md"].read_text("utf-8")


def series(family: Family) -> set[str]:
    """Return the names of a metric's series."""
    if family.kind == "histogram":
        return {f"{family.name}{end}" for end in ("_bucket", "_count", "_sum")}
    return {f"{family.name}_total" if family.kind == "counter" else family.name}


def test_every_metric_has_a_row_with_its_kind_its_labels_and_its_meaning() -> None:
    rows = re.findall(r"^\| `(chatdouble_\w+)` \| (\w+) \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    documented = [(name, kind, tuple(re.findall(r"`(\w+)`", labels)), meaning) for name, kind, labels, meaning in rows]
    assert documented == [
        (f"{one.name}_total" if one.kind == "counter" else one.name, one.kind, one.labels, one.meaning)
        for one in FAMILIES
    ]


def test_every_query_is_about_a_metric_that_exists() -> None:
    known = {name for family in FAMILIES for name in series(family)}
    queries = re.findall(r"^\| [^`|]* \| `(.*)` \|$", PAGE, re.MULTILINE)
    assert len(queries) == 5
    assert {name for query in queries for name in re.findall(r"chatdouble_\w+", query)} <= known
