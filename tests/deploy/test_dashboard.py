"""The Grafana dashboard: it asks for every metric of the server, and for nothing else."""

import json
import re
from typing import Any, Final

from chatdouble.server.metric_families import FAMILIES, Family
from pages import ROOT

DASHBOARD: Final[dict[str, Any]] = json.loads((ROOT / "deploy/grafana/chatdouble.json").read_text("utf-8"))
QUERIES: Final = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def series(family: Family) -> str:
    """Return the series of a metric that a dashboard asks for."""
    return family.name + {"histogram": "_bucket", "counter": "_total", "gauge": ""}[family.kind]


def test_every_metric_has_a_panel_and_every_query_a_metric() -> None:
    asked = {name for query in QUERIES for name in re.findall(r"chatdouble_\w+", query)}
    assert asked == {series(family) for family in FAMILIES}


def test_every_label_of_a_query_is_one_of_its_metric() -> None:
    labels = {series(family): {*family.labels, "le", "job", "instance"} for family in FAMILIES}
    for query in QUERIES:
        (metric,) = set(re.findall(r"chatdouble_\w+", query))
        grouped = [name for group in re.findall(r"by \(([^)]*)\)", query) for name in group.split(", ")]
        compared = re.findall(r'(\w+)(?:=~|!=)"', query)
        assert {*grouped, *compared} <= labels[metric], query
        assert 'job=~"$job", instance=~"$instance"' in query


def test_the_panels_fill_rows_and_do_not_overlap() -> None:
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len({*places}) == len(places)
    assert all(panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24 for panel in DASHBOARD["panels"])
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(places)
