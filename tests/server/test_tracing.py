"""Traces in the log, and OpenTelemetry as its variables configure it, over a real socket."""

import json
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from chatdouble.server.tracing import Tracing, is_wanted
from processes import Served, serving
from raw import ask

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
BODY = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}'
HEADERS = {"Authorization": "Bearer sk-test", "Content-Type": "application/json"}


def traced(served: Served) -> None:
    """Send a request that belongs to a trace."""
    headers = {**HEADERS, "traceparent": f"00-{TRACE}-{SPAN}-01"}
    assert ask(served.origin, "POST", "/v1/chat/completions", BODY, headers).status == 200


def ended(served: Served) -> list[str]:
    """Stop a server and return what it logged."""
    served.process.send_signal(signal.SIGTERM)
    assert served.process.stdout is not None
    return served.process.stdout.read().splitlines()


def test_a_line_names_the_trace_of_its_request() -> None:
    with serving() as served:
        traced(served)
        (line,) = ended(served)
    assert f" ended=completed trace={TRACE} ms=" in line


def test_as_json_a_line_has_the_trace_and_the_clients_span_if_there_is_one() -> None:
    with serving("--log-format", "json") as served:
        traced(served)
        ask(served.origin, "POST", "/v1/chat/completions", BODY, HEADERS)
        with_trace, without = map(json.loads, ended(served))
    assert (with_trace["trace_id"], with_trace["span_id"]) == (TRACE, SPAN)
    assert {"trace_id", "span_id"}.isdisjoint(without)


@contextmanager
def collector() -> Generator[tuple[str, dict[str, bytes]]]:
    """Run a collector of OTLP over HTTP; yield its address, and what it receives by path."""
    received: dict[str, bytes] = {}

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received[self.path] = received.get(self.path, b"") + body
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", received
        finally:
            server.shutdown()
            thread.join()


def test_spans_and_measurements_are_sent_where_the_variables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    with collector() as (address, received):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
        monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=ci")
        with serving("--log-format", "json") as served:
            traced(served)
            (line,) = map(json.loads, ended(served))
            served.process.wait(60)
    assert {*received} == {"/v1/traces", "/v1/metrics"}
    spans = received["/v1/traces"]
    assert b"chat gpt-4o" in spans
    assert b"service.name\x12\x0c\n\nchatdouble" in spans
    assert b"deployment.environment.name" in spans
    assert bytes.fromhex(TRACE) in spans
    assert bytes.fromhex(SPAN) in spans
    assert line["trace_id"] == TRACE
    assert bytes.fromhex(line["span_id"]) in spans
    assert line["span_id"] != SPAN
    assert b"gen_ai.server.request.duration" in received["/v1/metrics"]


def test_a_collector_that_is_away_costs_nobody_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:9/v1/traces")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with serving() as served:
        traced(served)
        ended(served)
        assert served.process.wait(60) in (0, -signal.SIGTERM)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_METRIC_EXPORT_INTERVAL", "-5"),
        ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "x"),
        ("OTEL_BSP_SCHEDULE_DELAY", "x"),
    ],
)
@pytest.mark.parametrize("form", ["human", "json"])
def test_a_wrong_variable_is_a_line_and_the_server_answers(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, form: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    monkeypatch.setenv(name, value)
    with serving("--log-format", form) as served:
        traced(served)
        lines = [*served.lines, *ended(served)]
    assert any(
        "ValueError: invalid literal for int()" in line or "OTEL_ variables are wrong: " in line for line in lines
    )
    assert [line for line in lines if "Traceback" in line or 'File "' in line] == []


@pytest.mark.parametrize(
    ("environ", "traces", "metrics"),
    [
        ({}, False, False),
        ({"OTEL_SERVICE_NAME": "double"}, False, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True, False),
        ({"OTEL_METRICS_EXPORTER": "console"}, False, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_METRICS_EXPORTER": "none"}, True, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, False, False),
    ],
)
def test_a_signal_is_sent_if_its_variables_ask_for_it(environ: dict[str, str], traces: bool, metrics: bool) -> None:
    assert (is_wanted("TRACES", environ), is_wanted("METRICS", environ)) == (traces, metrics)


def test_without_the_sdk_a_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "chatdouble.server.telemetry.providers", None)
    tracing = Tracing()
    tracing.open({"OTEL_TRACES_EXPORTER": "otlp"})
    assert tracing.telemetry is None
    assert [one.getMessage() for one in caplog.records] == [
        "OpenTelemetry is configured but not installed: pip install 'chatdouble[otel]'"
    ]


async def test_an_exporter_that_is_not_installed_is_named(caplog: pytest.LogCaptureFixture) -> None:
    tracing = Tracing()
    tracing.open({"OTEL_TRACES_EXPORTER": "zipkin"})
    await tracing.aclose()
    assert [one.getMessage() for one in caplog.records] == ["OpenTelemetry: no exporter zipkin for traces is installed"]
