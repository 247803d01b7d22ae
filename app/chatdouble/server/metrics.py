"""Metrics for Prometheus: requests and seconds by method, route and status."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from chatdouble.backend import Call
from chatdouble.server.stores import Replica
from chatdouble.state.sessions import Sessions

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric


ROUTES: Final = (
    "/chat/completions",
    "/responses",
    "/conversations",
    "/embeddings",
    "/moderations",
    "/models",
    "/_double",
)
"""Routes by the prefix of the path; every other path is `other`."""

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[str, str, int]
"""Method, route, status."""


@lru_cache(maxsize=256)
def _route_of(path: str) -> str:
    return next((route for route in ROUTES if path.startswith(route)), "other")


@dataclass(slots=True)
class _Spent:
    """Requests of the same labels and their seconds in total."""

    requests: int = 0
    seconds: float = 0.0


class Metrics:
    """Counts the requests of one process, except probes, and serves those of all workers of its server.

    Args:
        replica: Knows the other workers.
        sessions: The sessions, which count what they drop.
    """

    def __init__(self, replica: Replica, sessions: Sessions) -> None:
        self._sessions = sessions
        self._spent: defaultdict[Labels, _Spent] = defaultdict(_Spent)
        self._replica = replica
        replica.counts = lambda: [[*labels, one.requests, one.seconds] for labels, one in self._spent.items()]

    def count(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count a request; status 0 means that its client left before the answer.

        Args:
            method: The HTTP method.
            path: The API's own path, without prefix.
            status: The HTTP status.
            seconds: Duration of the answer, its stream included.
        """
        spent = self._spent[method, _route_of(path), status]
        spent.requests += 1
        spent.seconds += seconds

    async def serve(self, call: Call[Any]) -> None:
        """Serve GET /metrics."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - as above

        registry = CollectorRegistry()
        registry.register(_Collected(await self._replica.counts_of_workers(), self._sessions.store.dropped))
        body = generate_latest(registry)
        headers = [(b"content-type", CONTENT_TYPE), (b"content-length", str(len(body)).encode())]
        await call.send({"type": "http.response.start", "status": 200, "headers": headers})
        await call.send({"type": "http.response.body", "body": body})


class _Collected:
    """The counts of a server's workers, for a prometheus_client registry.

    Args:
        counted: The counts by worker. A server of one process has no label for it.
        dropped: What the bounds of the store have dropped, as far as this process did.
    """

    def __init__(
        self, counted: Sequence[tuple[int | None, Sequence[Sequence[Any]]]], dropped: Mapping[str, int]
    ) -> None:
        self._counted = counted
        self._dropped = dropped

    def collect(self) -> "Iterator[Metric]":
        """Yield the metrics."""
        from prometheus_client.metrics_core import (  # noqa: PLC0415 - for who scrapes, not at start
            CounterMetricFamily,
            SummaryMetricFamily,
        )

        several = any(worker is not None for worker, _ in self._counted)
        answered = SummaryMetricFamily(
            "chatdouble_request_seconds",
            "Requests and their duration in seconds.",
            labels=("method", "route", "status", *(("worker",) if several else ())),
        )
        for worker, counts in self._counted:
            for *labels, requests, seconds in counts:
                answered.add_metric([*map(str, labels), *([str(worker)] if several else [])], requests, seconds)
        yield answered
        dropped = CounterMetricFamily(
            "chatdouble_dropped",
            "Sessions, journal entries and stored objects that bounds dropped.",
            labels=("what",),
        )
        for what, count in self._dropped.items():
            dropped.add_metric([what], count)
        yield dropped
