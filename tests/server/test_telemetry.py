"""OpenTelemetry: spans in the client's trace and measurements, by the GenAI conventions, and no secret in them."""

from collections.abc import Iterator
from http.client import HTTPException
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from chatdouble.server.telemetry.telemetry import Telemetry
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from raw import Answer, ask, chat, control, post

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def attributes_of(span: ReadableSpan) -> dict[str, Any]:
    """Return the attributes of a span."""
    return {**(span.attributes or {})}


class Observed:
    """A server with telemetry that stays in memory.

    Attributes:
        served: The server.
    """

    def __init__(self, served: RunningServer) -> None:
        self.served = served
        self._exporter = InMemorySpanExporter()
        tracers = TracerProvider()
        tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._reader = InMemoryMetricReader()
        served.app.tracing.telemetry = Telemetry(tracers, MeterProvider([self._reader]))

    def spans(self, count: int) -> list[ReadableSpan]:
        """Return the spans, which end after their answers, when there are so many."""
        for _ in range(1000):
            if len(found := [*self._exporter.get_finished_spans()]) >= count:
                return found
            ask(self.served.origin, "GET", "/health")
        raise AssertionError("a span is missing")

    def span(self) -> dict[str, Any]:
        """Return the attributes of the only span."""
        (found,) = self.spans(1)
        return attributes_of(found)

    def measured(self) -> dict[str, Any]:
        """Return the only point of each measurement, by its name."""
        data: Any = self._reader.get_metrics_data()
        scopes = data.resource_metrics[0].scope_metrics
        return {one.name: one.data.data_points[0] for scope in scopes for one in scope.metrics}


@pytest.fixture
def observed() -> Iterator[Observed]:
    with running(Settings(log_level="error")) as served:
        yield Observed(served)


def traced(served: RunningServer) -> Answer:
    """Send a request that belongs to a trace."""
    body = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "private words"}], "temperature": 0.5}'
    headers = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}
    headers["traceparent"] = f"00-{TRACE}-{PARENT}-01"
    return ask(served.origin, "POST", "/v1/chat/completions", body, headers)


def test_a_request_is_a_span_in_its_clients_trace(observed: Observed) -> None:
    answer = traced(observed.served)
    (span,) = observed.spans(1)
    assert (span.name, span.kind, span.status.status_code) == ("chat gpt-4o", SpanKind.SERVER, StatusCode.UNSET)
    assert span.context is not None
    assert span.parent is not None
    assert (f"{span.context.trace_id:032x}", f"{span.parent.span_id:016x}") == (TRACE, PARENT)
    assert span.start_time is not None
    assert span.end_time is not None
    assert span.start_time < span.end_time
    attributes = attributes_of(span)
    assert attributes.pop("gen_ai.response.id").startswith("chatcmpl-")
    assert attributes.pop("gen_ai.usage.input_tokens") > 0
    assert attributes.pop("gen_ai.usage.output_tokens") > 0
    assert attributes.pop("chatdouble.request_id") == answer.headers["x-request-id"]
    assert attributes == {
        "http.request.method": "POST",
        "http.route": "/chat/completions",
        "http.response.status_code": 200,
        "url.path": "/v1/chat/completions",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.temperature": 0.5,
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.response.finish_reasons": ("stop",),
        "chatdouble.session": "sk-test",
        "chatdouble.ended": "completed",
    }


def test_a_request_without_a_trace_begins_one(observed: Observed) -> None:
    chat(observed.served.origin)
    (span,) = observed.spans(1)
    assert span.parent is None
    assert span.context is not None
    assert span.context.is_valid


def test_a_stream_tells_the_time_to_its_first_chunk_and_is_measured(observed: Observed) -> None:
    control(observed.served, "sk-test", "PUT", "pace", {"ttft": 0.02, "tokens_per_second": 200})
    chat(observed.served.origin, stream=True)
    span = observed.span()
    assert span["gen_ai.request.stream"] is True
    assert round(span["gen_ai.response.time_to_first_chunk"], 2) >= 0.02  # a timer may be a millisecond early
    points = observed.measured()
    assert {*points} == {
        "gen_ai.server.request.duration",
        "gen_ai.server.time_to_first_token",
        "gen_ai.server.time_per_output_token",
    }
    assert points["gen_ai.server.time_to_first_token"].sum == span["gen_ai.response.time_to_first_chunk"]
    assert points["gen_ai.server.request.duration"].attributes == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
    }


def test_other_apis_are_operations_of_their_own(observed: Observed) -> None:
    post(observed.served.origin, {"model": "gpt-4.1", "input": "one"}, path="/v1/responses")
    post(observed.served.origin, {"model": "text-embedding-3-small", "input": "one"}, path="/v1/embeddings")
    post(observed.served.origin, {"input": "one"}, path="/v1/moderations")
    ask(observed.served.origin, "GET", "/v1/models/gpt-4o", headers={"Authorization": "Bearer sk-test"})
    names = [span.name for span in observed.spans(4)]
    assert names == ["chat gpt-4.1", "embeddings text-embedding-3-small", "moderation", "GET /models"]


def test_refusals_and_faults_name_their_error(observed: Observed) -> None:
    chat(observed.served.origin, temperature=3)
    control(observed.served, "sk-test", "PUT", "faults", [{"name": "error", "status": 503}])
    chat(observed.served.origin)
    control(observed.served, "sk-test", "PUT", "faults", [{"name": "disconnect"}])
    with pytest.raises(HTTPException):
        chat(observed.served.origin)
    refused, failed, cut = observed.spans(3)
    assert [attributes_of(span)["error.type"] for span in (refused, failed, cut)] == [
        "decimal_above_max_value",
        "server_is_overloaded",
        "cut",
    ]
    assert attributes_of(failed)["chatdouble.faults"] == ("error",)
    codes = [span.status.status_code for span in (refused, failed, cut)]
    assert codes == [StatusCode.UNSET, StatusCode.ERROR, StatusCode.ERROR]


def test_no_prompt_and_no_key_is_in_a_span(observed: Observed) -> None:
    secret = "sk-proj-" + "Ab3dEf6hIj9k" * 4
    traced(observed.served)
    chat(observed.served.origin, secret, model=secret)
    shown = "".join(span.to_json() for span in observed.spans(2))
    assert "private words" not in shown
    assert secret not in shown


def test_a_clients_state_of_a_trace_goes_on_unless_a_secret_is_in_it(observed: Observed) -> None:
    for state in ("vendor=1", f"vendor=sk-proj-{'Ab3dEf6hIj9k' * 4}"):
        headers = {"Authorization": "Bearer sk-test", "traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": state}
        ask(observed.served.origin, "GET", "/v1/models", headers=headers)
    contexts = [span.context for span in observed.spans(2)]
    assert [context and f"{context.trace_id:032x}" for context in contexts] == [TRACE, TRACE]
    assert [context and context.trace_state.to_header() for context in contexts] == ["vendor=1", ""]


def test_integers_that_no_attribute_can_be_are_floats(observed: Observed) -> None:
    for seed in (2**63 - 1, 2**63, -(2**63)):
        chat(observed.served.origin, seed=seed)
    found = [attributes_of(span)["gen_ai.request.seed"] for span in observed.spans(3)]
    assert [*map(repr, found)] == ["9223372036854775807", "9.223372036854776e+18", "-9.223372036854776e+18"]


def test_control_and_probes_are_no_spans(observed: Observed) -> None:
    control(observed.served, "sk-test", "POST", "queue", ["one"])
    ask(observed.served.origin, "GET", "/metrics")
    chat(observed.served.origin)
    assert [span.name for span in observed.spans(1)] == ["chat gpt-4o"]
