"""The log: one line a request, with what became of it, and without what is nobody's business."""

import json
import re
import signal
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from openai import NotFoundError, OpenAI

from processes import Served, serving
from raw import ask, chat

SECRET = "sk-proj-" + "a1B2" * 12


def log_of(served: Served) -> list[str]:
    """Stop a server and return what it logged."""
    served.process.send_signal(signal.SIGTERM)
    assert served.process.stdout is not None
    return served.process.stdout.read().splitlines()


def test_a_refused_request_is_a_line_with_its_reason() -> None:
    with serving() as served:
        chat(served.origin, messages=[])
        (line,) = log_of(served)
    assert " INFO    POST /v1/chat/completions 400 Invalid 'messages': empty array. Expected" in line


def test_a_client_that_leaves_within_its_body_is_no_error() -> None:
    with serving() as served:
        where = urlsplit(served.origin)
        for path in ("/_double/queue", "/v1/chat/completions"):
            with socket.create_connection((where.hostname, where.port)) as client:
                head = (
                    f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer k\r\nContent-Length: 10\r\n\r\n"
                )
                client.sendall(head.encode() + b"12")
                ask(served.origin, "GET", "/health")  # the head was read before this
        lines = log_of(served)
    # Two connections, whose ends the server may notice in either order.
    assert {line.split(" ", 1)[1].partition(" - ")[0] for line in lines} == {
        "INFO    POST /_double/queue",
        "INFO    POST /v1/chat/completions",
    }
    assert all('ended="client left"' in line for line in lines)


def test_as_json_the_line_names_the_request_and_its_session() -> None:
    with serving("--log-format", "json") as served:
        refused = chat(served.origin, "sk-of-mine", messages=[])
        lines: list[dict[str, Any]] = [json.loads(line) for line in log_of(served)]
    assert [(line["level"], line["status"], line["session"]) for line in lines] == [("info", 400, "sk-of-mine")]
    assert lines[0]["request_id"] == refused.headers["x-request-id"]
    assert lines[0]["message"].startswith("POST /v1/chat/completions 400 Invalid 'messages': empty array.")


def test_every_request_is_one_line_with_what_became_of_it(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules: [{name: says hello, when: {user: Hello!}, reply: Hi}]")
    with serving("--scripts", str(tmp_path)) as served:
        chat(served.origin)
        chat(served.origin, "sk-other", model="gpt-4.1", stream=True)
        ask(served.origin, "GET", "/v1/models", headers={"Authorization": "Bearer sk-test"})
        ask(served.origin, "GET", "/health")
        lines = [re.sub(r" ms=[\d.]+$", "", line)[9:] for line in log_of(served)]
    assert lines == [
        'INFO    POST /v1/chat/completions 200 session=sk-test model=gpt-4o rule="says hello" ended=completed',
        'INFO    POST /v1/chat/completions 200 session=sk-other model=gpt-4.1 rule="says hello" ended=completed',
        "INFO    GET /v1/models 200 session=sk-test ended=completed",
    ]


def test_as_json_a_line_has_the_same_fields(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules: [{name: says hello, when: {user: Hello!}, reply: Hi}]")
    with serving("--log-format", "json", "--scripts", str(tmp_path)) as served:
        answer = chat(served.origin)
        (line,) = [json.loads(line) for line in log_of(served)]
    assert line.pop("time") > 0
    assert line.pop("milliseconds") >= 0
    assert line == {
        "level": "info",
        "logger": "chatdouble",
        "message": "POST /v1/chat/completions 200",
        "request_id": answer.headers["x-request-id"],
        "session": "sk-test",
        "model": "gpt-4o",
        "rule": "says hello",
        "status": 200,
        "ended": "completed",
    }


def test_a_client_that_leaves_is_a_line_that_says_so() -> None:
    with serving("--tokens-per-second", "1") as served:
        with OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0) as client:
            asked: Any = [{"role": "user", "content": "one two three four five six"}]
            with client.chat.completions.create(model="gpt-4o", messages=asked, stream=True) as stream:
                next(iter(stream))
        assert served.process.stdout is not None
        line = served.process.stdout.readline()
    assert '200 session=sk-test model=gpt-4o ended="client left" ms=' in line


def test_the_near_misses_of_an_unmatched_request_are_lines(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("rules: [{name: ping, when: {user: ping}, reply: pong}]")
    with serving("--scripts", str(tmp_path)) as served:
        chat(served.origin, messages=[{"role": "user", "content": "pong\n12:00:00 ERROR forged"}])
        first, *rest = log_of(served)
    assert "404 No rule matched this request (1 rule tried). session=sk-test model=gpt-4o ended=refused" in first
    assert [line.strip().split()[0] for line in rest] == ["Nearest:", "1.", "expected:", "found:"]
    assert all(line.startswith("    ") for line in rest)


def test_scripts_that_no_longer_load_are_reported_without_a_request(tmp_path: Path) -> None:
    script = tmp_path / "a.yaml"
    script.write_text("rules: [{name: ping, when: {user: ping}, reply: pong}]")
    with serving("--scripts", str(tmp_path)) as served:
        script.write_text("rules: [{nam: ping}]\n")
        assert served.process.stdout is not None
        lines = [served.process.stdout.readline() for _ in range(2)]
        script.write_text("rules: [{reply: pong}]\n")
        repaired = served.process.stdout.readline()
    assert " ERROR   scripts changed but do not load; the old rules stay:" in lines[0]
    assert lines[1].startswith(f"    {script}:1:")
    assert "unknown key; did you mean 'name'?" in lines[1]
    assert "scripts changed; rules now: 1" in repaired


def test_a_log_that_nobody_reads_stops_nobody() -> None:
    with serving() as served, OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0) as client:
        for _ in range(20):  # each line is longer than 8 KB, and a pipe has room for 64
            with pytest.raises(NotFoundError):
                client.get("/" + "x" * 8000, cast_to=object)
        assert client.models.retrieve("gpt-4o").id == "gpt-4o"
        log = log_of(served)
    assert len([line for line in log if "404 Invalid URL" in line]) == 20


def test_only_changes_by_control_are_logged() -> None:
    with serving() as served:
        ask(served.origin, "GET", "/_double/requests", headers={"Authorization": "Bearer sk-test"})
        ask(served.origin, "POST", "/_double/reset", headers={"Authorization": "Bearer sk-test"})
        ask(served.origin, "GET", "/_double/requests?x=1", headers={"Authorization": "Bearer sk-test"})
        lines = log_of(served)
    assert [line.split()[2:5] for line in lines] == [
        ["POST", "/_double/reset", "200"],
        ["GET", "/_double/requests", "400"],
    ]


def test_answers_are_logged_when_everything_is() -> None:
    with serving("--log-level", "debug") as served:
        chat(served.origin)
        assert any("POST /v1/chat/completions 200" in line for line in log_of(served))
    with serving("--log-level", "warning") as served:
        chat(served.origin, messages=[])
        assert log_of(served) == []


def test_no_key_and_no_prompt_is_logged() -> None:
    with serving("--log-level", "debug", "--log-format", "json", "--api-key", "sk-right") as served:
        chat(served.origin, SECRET)
        headers = {"Authorization": "Bearer sk-right"}
        with httpx2.stream("GET", f"{served.origin}/_double/events", headers=headers, timeout=30) as heard:
            lines = heard.iter_lines()
            assert next(lines) == ": listening"
            chat(served.origin, "sk-right", messages=[{"role": "user", "content": "private words"}])
            assert any("private words" in line for line in lines)
        ask(served.origin, "GET", f"/v1/models?key={SECRET}")
        log = "\n".join(log_of(served))
    assert "Incorrect API key provided: sk-proj-****" in log
    assert SECRET not in log
    assert "private words" not in log


def test_what_a_client_writes_breaks_no_line() -> None:
    with serving() as served:
        ask(served.origin, "POST", "/v1/x%0aERROR%20forged%1b[31m", b"{}", {"Authorization": "Bearer sk-test"})
        chat(served.origin, response_format={"type": "a\nERROR forged"})
        lines = log_of(served)
    assert [line.split()[1] for line in lines] == ["INFO", "INFO"]
    assert "\\x1b[31m" in lines[0]
    assert "a\\nERROR forged" in lines[1]


def test_a_long_model_name_is_refused_and_no_line_repeats_it_whole() -> None:
    with serving() as served:
        refused = chat(served.origin, model="m" * 1_000_000)
        ask(served.origin, "GET", f"/{'x' * 16_370}/{SECRET}/{'x' * 20_000}")
        name, path = log_of(served)
    assert (refused.status, refused.error["code"]) == (404, "model_not_found")
    assert max(len(refused.body), len(name)) < 2000
    assert len(path) < 17_000
    assert " characters) session=" in path
    assert "sk-proj" not in path
