"""What the server counts of itself, for Prometheus: requests and seconds, by route and status."""

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from starlette.types import Receive, Scope, Send

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

ROUTES: Final = ("/chat/completions", "/models", "/_double")
"""What routes are counted as: the first of these that begins the path, else `other`."""

CONTENT_TYPE: Final = b"text/plain; version=0.0.4; charset=utf-8"

Labels = tuple[str, str, str]


@lru_cache(maxsize=256)
def _route_of(path: str) -> str:
    return next((route for route in ROUTES if path.startswith(route)), "other")


class Metrics:
    """Counts the requests of one server, probes aside."""

    def __init__(self) -> None:
        self._requests: defaultdict[Labels, int] = defaultdict(int)
        self._seconds: defaultdict[Labels, float] = defaultdict(float)

    def count(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count a request that has been answered; status 0: its client left before.

        Args:
            method: The HTTP method.
            path: The API's own path, without prefix.
            status: The HTTP status.
            seconds: How long the answer took, its stream included.
        """
        labels = (method, _route_of(path), str(status))
        self._requests[labels] += 1
        self._seconds[labels] += seconds

    def collect(self) -> "Iterator[Metric]":
        """Yield what there is to tell, as prometheus_client's registries collect it."""
        from prometheus_client.metrics_core import SummaryMetricFamily  # noqa: PLC0415 - for who scrapes, not at start

        answered = SummaryMetricFamily(
            "chatdouble_request_seconds",
            "Requests that were answered, and the seconds that took.",
            labels=("method", "route", "status"),
        )
        for labels, count in self._requests.items():
            answered.add_metric(labels, count_value=count, sum_value=self._seconds[labels])
        yield answered

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Serve GET /metrics."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - as above

        registry = CollectorRegistry()
        registry.register(self)
        body = generate_latest(registry)
        headers = [(b"content-type", CONTENT_TYPE), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
