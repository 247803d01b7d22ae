"""Metrics for Prometheus, counted when a request ends."""

import platform
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final

from chatdouble.backend import Call, Services
from chatdouble.core.histogram import ANSWER_SECONDS, DELAY_SECONDS, Histogram
from chatdouble.core.legible import escaped
from chatdouble.recordings.redaction import Scrubber
from chatdouble.server import metric_families as names
from chatdouble.server.metric_families import Series, Snapshot, collected
from chatdouble.server.stores import Replica
from chatdouble.tokens.usage import tokens_of

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

_MISSES: Final = ("no_rule_matched", "turn_mismatch")
"""Codes of requests for which a test has no answer."""
_RULES: Final = ("queue", "turn")
"""Names that the journal and the metrics have in place of a rule."""
_MOST: Final = 100
"""The most values of a label that clients or scripts choose; all others are `other`."""
_LONGEST: Final = 100
"""The longest of these values."""
_BATCH: Final = 256
"""The durations that are sorted into histograms at once, which takes less than one by one."""
_KINDS: Final = ("input", "output")
"""The kinds of tokens."""
_ERRORS: Final = 400
_TOO_MANY: Final = 429


@lru_cache(maxsize=256)
def route_of(path: str) -> str:
    """Return the beginning of a path that it has in metrics."""
    return next((route for route in ROUTES if path.startswith(route)), "other")


class _Labels(dict[str, str]):
    """The first values of a label, without secrets and control characters; all later ones are `other`."""

    def __missing__(self, name: str) -> str:
        if len(self) == _MOST or len(name) > _LONGEST:
            return "other"
        self[name] = label = escaped(Scrubber().text(name))
        return label


class Metrics:
    """Counts the requests of one process, except probes, and serves the metrics of all workers of its server.

    Args:
        replica: Knows the other workers.
        services: The sessions and gates, which count for themselves.
        about: The backend and the kind of store.

    Attributes:
        running: The requests to the API that have not ended.
        lag: How late the event loop was.
    """

    def __init__(self, replica: Replica, services: Services, about: tuple[str, str]) -> None:
        self._replica = replica
        self._services = services
        self._about = about
        self._seconds: defaultdict[tuple[str, str, int], Histogram] = defaultdict(lambda: Histogram(ANSWER_SECONDS))
        self._ended: list[tuple[tuple[str, str, int], float]] = []
        self._first_token = Histogram(ANSWER_SECONDS)
        self._requests: defaultdict[tuple[str, int, str], int] = defaultdict(int)
        self._tokens: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])  # input and output, by model
        self._counts: defaultdict[tuple[str, ...], int] = defaultdict(int)
        self._models, self._codes = _Labels(), _Labels()
        self.running = 0
        self.lag = Histogram(DELAY_SECONDS)
        replica.counts = self.snapshot

    def count(self, call: Call[Any]) -> None:
        """Count a request that has ended; status 0 means that its client left before the answer."""
        # Of the steady clock, since the server's may stand still.
        seconds = time.monotonic() - call.started
        status = call.status
        ended = self._ended
        ended.append(((call.method, route_of(call.place.path), status), seconds))
        if len(ended) == _BATCH:
            self._observe_ended()
        if call.place.is_control:
            return
        known = getattr(call, "model", None)
        model = self._models[known.id] if known is not None else "none"
        notes = call.notes
        rule = notes.rule
        kind = "none" if rule is None else rule if rule in _RULES else "rule"
        self._requests[model, status, kind] += 1
        if call.result is not None:
            if call.streams:
                self._first_token.observe(call.first_written or seconds)
            if (tokens := tokens_of(call.result)) is not None:
                counted = self._tokens[model]
                counted[0] += tokens[0]
                counted[1] += tokens[1]
        if status >= _ERRORS:
            self._count_error(call)
        if notes.faults or notes.gates:
            self._count_stops(call)

    def _observe_ended(self) -> None:
        for kind, seconds in self._ended:
            self._seconds[kind].observe(seconds)
        self._ended.clear()

    def _count_stops(self, call: Call[Any]) -> None:
        for fault in call.notes.faults:
            self._counts[names.FAULTS, fault] += 1
        for gate in call.notes.gates:
            self._counts[names.GATE_STOPS, gate["outcome"]] += 1

    def _count_error(self, call: Call[Any]) -> None:
        code = "none"
        if call.ended == "refused":
            code = self._codes[call.error_code or "none"]
            self._counts[names.REFUSALS, str(call.status), code] += 1
            if code in _MISSES:
                self._counts[names.MISSES, code] += 1
        if call.status == _TOO_MANY:
            self._counts[names.RATE_LIMITED, _limited_by(call)] += 1

    def snapshot(self) -> Snapshot:
        """Return the series of this process."""
        self._observe_ended()
        store = self._services.sessions.store
        found: defaultdict[str, list[Series]] = defaultdict(list)
        for (method, route, status), spent in self._seconds.items():
            found[names.REQUEST_SECONDS].append(((method, route, str(status)), _numbers(spent)))
        for (model, status, rule), count in self._requests.items():
            found[names.REQUESTS].append(((model, str(status), rule), (count,)))
        for model, counted in self._tokens.items():
            found[names.TOKENS] += [((model, kind), (count,)) for kind, count in zip(_KINDS, counted, strict=True)]
        for (name, *labels), count in self._counts.items():
            found[name].append((labels, (count,)))
        found[names.DROPPED] += [((what,), (count,)) for what, count in store.dropped.items()]
        histograms = {
            names.FIRST_TOKEN_SECONDS: self._first_token,
            names.CHUNK_LATENESS: self._services.lateness,
            names.STORE_SECONDS: store.round_trips.seconds,
            names.LOOP_LAG: self.lag,
        }
        numbers: dict[str, Sequence[float]] = {name: _numbers(one) for name, one in histograms.items()}
        numbers[names.IN_FLIGHT] = (self.running,)
        numbers[names.GATE_WAITING] = (self._services.gates.waiting,)
        numbers[names.STORE_FAILURES] = (store.round_trips.failures,)
        numbers[names.UNWRITTEN] = (self._replica.unwritten,)
        alone: dict[str, list[Series]] = {name: [((), one)] for name, one in numbers.items()}
        build = (version("chatdouble"), platform.python_version(), *self._about)
        return {**found, **alone, names.BUILD: [(build, (1,))]}

    async def serve(self, call: Call[Any]) -> None:
        """Serve GET /metrics."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - as below

        registry = CollectorRegistry()
        registry.register(_Collected(await self._replica.counts_of_workers()))
        body = generate_latest(registry)
        headers = [(b"content-type", CONTENT_TYPE), (b"content-length", str(len(body)).encode())]
        await call.send({"type": "http.response.start", "status": 200, "headers": headers})
        await call.send({"type": "http.response.body", "body": body})


class _Collected:
    """The series of a server's workers, for a prometheus_client registry.

    Args:
        counted: The series by worker.
    """

    def __init__(self, counted: Sequence[tuple[int | None, Snapshot]]) -> None:
        self._counted = counted

    def collect(self) -> "Iterator[Metric]":
        """Yield the metrics."""
        return collected(self._counted)


def _numbers(histogram: Histogram) -> Sequence[float]:
    return (*histogram.counts, histogram.total)


def _limited_by(call: Call[Any]) -> str:
    """Return the reason for a status 429: a fault, a rule's reply, a limit, or an upstream."""
    if call.notes.faults:
        return "fault"
    if call.notes.rule is not None:
        return "rule"
    return "limit" if call.ended == "refused" else "relayed"
