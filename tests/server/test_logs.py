"""The log: one line a refused request, with its reason, and without what is nobody's business."""

import json
import signal
from typing import Any

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


def test_as_json_the_line_names_the_request_and_its_session() -> None:
    with serving("--log-format", "json") as served:
        refused = chat(served.origin, "sk-of-mine", messages=[])
        lines: list[dict[str, Any]] = [json.loads(line) for line in log_of(served)]
    assert [(line["level"], line["status"], line["session"]) for line in lines] == [("info", 400, "sk-of-mine")]
    assert lines[0]["request_id"] == refused.headers["x-request-id"]
    assert lines[0]["message"].startswith("POST /v1/chat/completions 400 Invalid 'messages': empty array.")


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
        chat(served.origin, "sk-right", messages=[{"role": "user", "content": "private words"}])
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
