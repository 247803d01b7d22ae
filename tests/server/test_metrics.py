"""GET /metrics: what was answered, by route and status, in Prometheus' format."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chatdouble.server.metric_families import FAMILIES
from chatdouble.testing.server import RunningServer
from conftest import Serve
from held import Double, elsewhere
from processes import serving
from raw import ask, chat, control, post

ENDS = ("", "_total", "_bucket", "_count", "_sum")

SCRIPT = """
rules:
  - when: {user: ping}
    reply: pong
  - when: {user: busy}
    reply: {error: {status: 429, message: Slow down., code: too_busy}}
"""


def counted(server: RunningServer) -> dict[tuple[str, str, str], float]:
    """Return the requests counted by method, route and status."""
    text = ask(server.origin, "GET", "/metrics").body.decode()
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "chatdouble_request_seconds_count"
    }


def test_requests_are_counted_by_route_and_status(serve: Serve) -> None:
    with serve(log_level="error") as served:
        for _ in range(2):
            chat(served.origin)
        chat(served.origin, stream=True)
        chat(served.origin, temperature=3)
        ask(served.origin, "GET", "/v1/models/gpt-4o", headers={"Authorization": "Bearer sk-test"})
        ask(served.origin, "GET", "/v1/nope/1", headers={"Authorization": "Bearer sk-test"})
        assert counted(served) == {
            ("POST", "/chat/completions", "200"): 3,
            ("POST", "/chat/completions", "400"): 1,
            ("GET", "/models", "200"): 1,
            ("GET", "other", "404"): 1,
        }


def test_probes_and_scrapes_are_not_counted(serve: Serve) -> None:
    with serve() as served:
        for path in ("/health", "/ready", "/docs", "/metrics"):
            ask(served.origin, "GET", path)
        assert counted(served) == {}


def told(server: RunningServer, name: str) -> dict[tuple[str, ...], float]:
    """Return the series of a name, by the values of their labels."""
    text = ask(server.origin, "GET", "/metrics").body.decode()
    (family,) = (one for one in FAMILIES if name.startswith(one.name) and name.removeprefix(one.name) in ENDS)
    labels = (*family.labels, *(("le",) if name.endswith("_bucket") else ()))
    return {
        tuple(sample.labels[label] for label in labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def said(server: RunningServer, text: str, **more: Any) -> int:
    """Send a text, and return the status of the answer."""
    return chat(server.origin, messages=[{"role": "user", "content": text}], **more).status


@pytest.fixture
def script(tmp_path: Path) -> tuple[Path]:
    file = tmp_path / "rules.yaml"
    file.write_text(SCRIPT)
    return (file,)


def test_requests_are_counted_by_model_status_and_what_answered(serve: Serve, script: tuple[Path]) -> None:
    with serve(scripts=script) as served:
        control(served, "sk-test", "POST", "queue", ["queued"])
        assert [said(served, "anything"), said(served, "ping"), said(served, "ping", model="gpt-4.1")] == [200] * 3
        control(served, "sk-test", "POST", "script", {"turns": [{"reply": "first"}]})
        assert [said(served, "first"), said(served, "second")] == [200, 404]
        assert ask(served.origin, "GET", "/v1/nope", headers={"Authorization": "Bearer sk-test"}).status == 404
        assert told(served, "chatdouble_requests_total") == {
            ("gpt-4o", "200", "queue"): 1,
            ("gpt-4o", "200", "rule"): 1,
            ("gpt-4.1", "200", "rule"): 1,
            ("gpt-4o", "200", "turn"): 1,
            ("gpt-4o", "404", "none"): 1,
            ("none", "404", "none"): 1,
        }


def test_misses_refusals_and_rate_limits_are_counted_by_their_reasons(serve: Serve, script: tuple[Path]) -> None:
    with serve(scripts=script, requests_per_minute=3) as served:
        assert [said(served, text) for text in ("ping", "nothing", "busy", "ping")] == [200, 404, 429, 429]
        control(served, "sk-other", "PUT", "faults", [{"name": "error", "status": 429}])
        assert chat(served.origin, "sk-other").status == 429
        assert told(served, "chatdouble_misses_total") == {("no_rule_matched",): 1}
        assert told(served, "chatdouble_refusals_total") == {
            ("404", "no_rule_matched"): 1,
            ("429", "too_busy"): 1,
            ("429", "rate_limit_exceeded"): 2,
        }
        assert told(served, "chatdouble_rate_limited_total") == {("rule",): 1, ("limit",): 1, ("fault",): 1}
        assert told(served, "chatdouble_faults_total") == {("error",): 1}


def test_tokens_are_those_of_the_answers_of_every_api(serve: Serve) -> None:
    bodies = {
        "/v1/chat/completions": {"model": "gpt-4o", "messages": [{"role": "user", "content": "one two"}]},
        "/v1/responses": {"model": "gpt-4.1", "input": "one two"},
        "/v1/embeddings": {"model": "text-embedding-3-small", "input": "one two"},
        "/v1/moderations": {"input": "one two"},
    }
    with serve() as served:
        usages = {path: post(served.origin, body, path=path) for path, body in bodies.items()}
        assert {answer.status for answer in usages.values()} == {200}
        tokens = told(served, "chatdouble_tokens_total")
    assert {labels: count > 0 for labels, count in tokens.items()} == {
        ("gpt-4o", "input"): True,
        ("gpt-4o", "output"): True,
        ("gpt-4.1", "input"): True,
        ("gpt-4.1", "output"): True,
        ("text-embedding-3-small", "input"): True,
        ("text-embedding-3-small", "output"): False,
    }


def test_streams_have_a_time_to_the_first_token_and_paced_ones_a_lateness(serve: Serve) -> None:
    with serve(journal_size=0) as served:
        assert said(served, "one two three") == 200
        assert said(served, "one two three", stream=True) == 200
        assert told(served, "chatdouble_chunk_lateness_seconds_count") == {(): 0}
        control(served, "sk-test", "PUT", "pace", {"ttft": 0.02, "tokens_per_second": 100})
        assert said(served, "one two three", stream=True) == 200
        assert told(served, "chatdouble_time_to_first_token_seconds_count") == {(): 2}
        assert told(served, "chatdouble_time_to_first_token_seconds_sum")[()] >= 0.02
        assert told(served, "chatdouble_chunk_lateness_seconds_count")[()] >= 3
        buckets = told(served, "chatdouble_chunk_lateness_seconds_bucket")
        assert buckets["+Inf",] == told(served, "chatdouble_chunk_lateness_seconds_count")[()]
        assert sorted(buckets.values()) == [*buckets.values()]


def test_what_waits_at_a_gate_is_in_flight_until_it_goes_on(serve: Serve) -> None:
    with serve() as served:
        double = Double(served, "sk-test")
        double.put(after_chunks=1)
        with elsewhere(double.say, "one") as answer:
            double.do("wait")
            assert told(served, "chatdouble_requests_in_flight") == {(): 1}
            assert told(served, "chatdouble_gate_waiting") == {(): 1}
            double.do("release")
            assert answer.result(60)
        double.client.close()
        until(lambda: told(served, "chatdouble_requests_in_flight") == {(): 0})
        assert told(served, "chatdouble_gate_waiting") == {(): 0}
        assert told(served, "chatdouble_gate_stops_total") == {("released",): 1}


def test_names_that_clients_choose_are_bounded_and_without_secrets(serve: Serve) -> None:
    secret = "sk-proj-" + "Ab3dEf6hIj9k" * 4
    with serve() as served:
        for name in (secret, "x" * 101, *(f"model-{number}" for number in range(101))):
            assert said(served, "Hello", model=name) == 200
        counted = told(served, "chatdouble_requests_total")
        assert len(counted) == 101
        assert counted["other", "200", "none"] == 3
        assert secret not in ask(served.origin, "GET", "/metrics").body.decode()


def test_every_metric_is_told_in_its_order(serve: Serve) -> None:
    with serve() as served:
        text = ask(served.origin, "GET", "/metrics").body.decode()
        families = [*text_string_to_metric_families(text)]
        assert [(one.name, one.type, one.documentation) for one in families] == [
            (one.name, one.kind, one.meaning) for one in FAMILIES
        ]
        ((version, python, backend, state),) = told(served, "chatdouble_build_info")
    assert (backend, state) == ("echo", "memory")
    assert version
    assert python


def test_the_lag_of_the_event_loop_is_looked_at_once_a_second() -> None:
    looked, text = "chatdouble_event_loop_lag_seconds_count", ""
    with serving() as served:
        for _ in range(1000):
            text = ask(served.origin, "GET", "/metrics").body.decode()
            if f"{looked} 0.0" not in text:
                break
            time.sleep(0.01)
    assert re.search(rf"^{looked} [1-9]", text, re.MULTILINE)


def until(met: Callable[[], bool]) -> None:
    """Wait for something that follows an answer."""
    for _ in range(1000):
        if met():
            return
    raise AssertionError("it did not come")
