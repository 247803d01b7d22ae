"""The metrics that a server has: their names, meanings and labels, and their text for Prometheus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from chatdouble.core.histogram import ANSWER_SECONDS, DELAY_SECONDS

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

Series = tuple[Sequence[str], Sequence[float]]
"""The values of a metric's labels, and its number; of a histogram the counts by bound, and then the total."""

Snapshot = Mapping[str, Sequence[Series]]
"""The series of one process, by the names of their metrics."""


class Family(NamedTuple):
    """A metric.

    Attributes:
        name: Its name; the series of a counter end in `_total`.
        kind: Its kind.
        meaning: What it counts.
        labels: The names of its labels.
        bounds: The bounds of a histogram.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()


REQUEST_SECONDS: Final = "chatdouble_request_seconds"
FIRST_TOKEN_SECONDS: Final = "chatdouble_time_to_first_token_seconds"  # noqa: S105 - a token of a model
CHUNK_LATENESS: Final = "chatdouble_chunk_lateness_seconds"
IN_FLIGHT: Final = "chatdouble_requests_in_flight"
REQUESTS: Final = "chatdouble_requests"
MISSES: Final = "chatdouble_misses"
REFUSALS: Final = "chatdouble_refusals"
FAULTS: Final = "chatdouble_faults"
RATE_LIMITED: Final = "chatdouble_rate_limited"
TOKENS: Final = "chatdouble_tokens"
GATE_STOPS: Final = "chatdouble_gate_stops"
GATE_WAITING: Final = "chatdouble_gate_waiting"
DROPPED: Final = "chatdouble_dropped"
STORE_SECONDS: Final = "chatdouble_store_seconds"
STORE_FAILURES: Final = "chatdouble_store_failures"
UNWRITTEN: Final = "chatdouble_journal_unwritten"
LOOP_LAG: Final = "chatdouble_event_loop_lag_seconds"
BUILD: Final = "chatdouble_build_info"

FAMILIES: Final = (
    Family(
        REQUEST_SECONDS,
        "histogram",
        "Requests and their duration, from the head of a request to the end of its answer.",
        ("method", "route", "status"),
        ANSWER_SECONDS,
    ),
    Family(
        FIRST_TOKEN_SECONDS,
        "histogram",
        "Streams and the time from the head of a request to the first piece of its stream.",
        (),
        ANSWER_SECONDS,
    ),
    Family(
        CHUNK_LATENESS,
        "histogram",
        "Writes of paced answers and how late they were, compared to the pace.",
        (),
        DELAY_SECONDS,
    ),
    Family(IN_FLIGHT, "gauge", "Requests to the API that have not ended."),
    Family(REQUESTS, "counter", "Requests to the API by what answered them.", ("model", "status", "rule")),
    Family(MISSES, "counter", "Requests that no rule, recording or turn matched.", ("code",)),
    Family(REFUSALS, "counter", "Errors in the API's envelope, by status and code.", ("status", "code")),
    Family(FAULTS, "counter", "Faults that happened, by name.", ("fault",)),
    Family(RATE_LIMITED, "counter", "Answers of status 429, by what was the reason.", ("by",)),
    Family(TOKENS, "counter", "Tokens in the usage of answers.", ("model", "kind")),
    Family(GATE_STOPS, "counter", "Stops of answers at gates, by how they ended.", ("outcome",)),
    Family(GATE_WAITING, "gauge", "Answers that wait at gates."),
    Family(DROPPED, "counter", "Sessions, journal entries and stored objects dropped by bounds.", ("what",)),
    Family(STORE_SECONDS, "histogram", "Round trips to Redis and their duration; none with memory.", (), DELAY_SECONDS),
    Family(STORE_FAILURES, "counter", "Round trips to Redis that failed."),
    Family(UNWRITTEN, "gauge", "Journal entries that wait for Redis to come back."),
    Family(LOOP_LAG, "histogram", "How late the event loop was, looked at once a second.", (), DELAY_SECONDS),
    Family(BUILD, "gauge", "Always 1; its labels tell what runs.", ("version", "python", "backend", "state")),
)
"""All metrics, in the order of the page."""


def collected(snapshots: Iterable[tuple[int | None, Snapshot]]) -> "Iterator[Metric]":
    """Yield the metrics of a server's workers for a registry of prometheus_client.

    Args:
        snapshots: The series by worker. A server of one process has no label for it.
    """
    found = [*snapshots]
    several = any(worker is not None for worker, _ in found)
    for family in FAMILIES:
        metric = _metric(family, several=several)
        for worker, snapshot in found:
            for labels, numbers in snapshot.get(family.name, ()):
                _add(metric, family, [*labels, str(worker)] if several else labels, numbers)
        yield metric


def _metric(family: Family, *, several: bool) -> "Metric":
    from prometheus_client import metrics_core  # noqa: PLC0415 - for who scrapes, not at start

    kinds = {
        "counter": metrics_core.CounterMetricFamily,
        "gauge": metrics_core.GaugeMetricFamily,
        "histogram": metrics_core.HistogramMetricFamily,
    }
    labels = (*family.labels, "worker") if several else family.labels
    made: Metric = kinds[family.kind](family.name, family.meaning, labels=labels)
    return made


def _add(metric: "Metric", family: Family, labels: Sequence[str], numbers: Sequence[float]) -> None:
    """Add a series to a metric."""
    named = dict(zip((*family.labels, "worker"), labels, strict=False))
    if family.kind != "histogram":
        metric.add_sample(f"{family.name}_total" if family.kind == "counter" else family.name, named, numbers[0])
        return
    *counts, total = numbers
    bounds = (*map(repr, family.bounds), "+Inf")
    for bound, count in zip(bounds, accumulate(counts), strict=True):
        metric.add_sample(f"{family.name}_bucket", {**named, "le": bound}, count)
    metric.add_sample(f"{family.name}_count", named, sum(counts))
    metric.add_sample(f"{family.name}_sum", named, total)
