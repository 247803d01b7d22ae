"""A span and measurements for each request to the API."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any, Final

from opentelemetry.metrics import MeterProvider
from opentelemetry.propagate import extract
from opentelemetry.trace import (
    SpanKind,
    Status,
    StatusCode,
    TracerProvider,
    format_span_id,
    format_trace_id,
)
from opentelemetry.util.types import AttributeValue

from chatdouble.backend import Call
from chatdouble.core.trace import Trace
from chatdouble.server.logs import scrubbed
from chatdouble.server.telemetry import attributes
from chatdouble.server.telemetry.attributes import attributes_of, name_of

_GRACE: Final = 5.0
"""Seconds to send what is left when the server stops."""
_BILLION: Final = 1_000_000_000
_SERVER_ERROR: Final = 500

_DURATION: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_FIRST: Final = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_EACH: Final = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
"""The bounds that the GenAI conventions set for durations, first tokens and further tokens."""

_TRACE_HEADERS: Final = ("traceparent", "tracestate")

_MEASURED: Final = (
    attributes.OPERATION,
    attributes.PROVIDER,
    attributes.REQUEST_MODEL,
    attributes.RESPONSE_MODEL,
    attributes.ERROR,
)
"""The attributes of measurements."""


class Telemetry:
    """Records requests when they have ended, so that nothing has to be carried along with them.

    Args:
        tracers: Makes spans.
        meters: Makes measurements.
        closing: What sends the rest when the server stops.
    """

    def __init__(
        self, tracers: TracerProvider, meters: MeterProvider, closing: Sequence[Callable[[], None]] = ()
    ) -> None:
        scope = "chatdouble", version("chatdouble")
        self._tracer = tracers.get_tracer(*scope)
        meter = meters.get_meter(*scope)
        self._closing = closing
        self._duration = meter.create_histogram(
            "gen_ai.server.request.duration",
            "s",
            "Time from the head of a request to the end of its answer.",
            explicit_bucket_boundaries_advisory=_DURATION,
        )
        self._first = meter.create_histogram(
            "gen_ai.server.time_to_first_token",
            "s",
            "Time from the head of a request to the first piece of its stream.",
            explicit_bucket_boundaries_advisory=_FIRST,
        )
        self._each = meter.create_histogram(
            "gen_ai.server.time_per_output_token",
            "s",
            "Time for each token of a stream after the first.",
            explicit_bucket_boundaries_advisory=_EACH,
        )

    def record(self, call: Call[Any]) -> Trace | None:
        """Record a request that has ended; return its span, which is in its client's trace if that sent one."""
        seconds, now = time.monotonic() - call.started, time.time_ns()
        found = attributes_of(call, seconds)
        span = self._tracer.start_span(
            name_of(call, found),
            extract(_trace_headers(call)),
            SpanKind.SERVER,
            found,
            start_time=now - int(seconds * _BILLION),
        )
        if call.status >= _SERVER_ERROR or call.ended == "cut":
            span.set_status(Status(StatusCode.ERROR))
        span.end(now)
        if attributes.OPERATION in found:
            self._measure(call, seconds, found)
        context = span.get_span_context()
        if not context.is_valid:
            return None
        return Trace(format_trace_id(context.trace_id), format_span_id(context.span_id))

    def _measure(self, call: Call[Any], seconds: float, found: Mapping[str, AttributeValue]) -> None:
        labels = {name: found[name] for name in _MEASURED if name in found}
        self._duration.record(seconds, labels)
        first = found.get(attributes.FIRST_CHUNK)
        if not isinstance(first, float):
            return
        self._first.record(first, labels)
        tokens = found.get(attributes.OUTPUT_TOKENS)
        if call.ended == "completed" and isinstance(tokens, int) and tokens > 1:
            self._each.record((seconds - first) / (tokens - 1), labels)

    def close(self) -> None:
        """Send what is left, within a time: a collector may be away."""

        def close_all() -> None:
            for close in self._closing:
                close()

        closing = threading.Thread(target=close_all, name="telemetry", daemon=True)
        closing.start()
        closing.join(_GRACE)


def _trace_headers(call: Call[Any]) -> dict[str, str]:
    """Return the headers that tell a request's trace; a `tracestate` with a secret is left out."""
    given = {name: call.headers[name] for name in _TRACE_HEADERS if name in call.headers}
    return {name: value for name, value in given.items() if scrubbed(value) == value}
