"""The examples of docs/control.md run as printed, except for the address."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

import warm
from chatdouble.testing.server import RunningServer, running
from conftest import Serve
from processes import environment, shell
from raw import ask, chat

PAGE: Final = (Path(__file__).parents[2] / "docs" / "control.md").read_text()
BLOCKS: Final = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
KEY: Final = "sk-test-42"
GATE: Final = '{"name": "second-chunk", "gate": {"after_chunks": 1}, "waiting": [], "released": 0, "timed_out": 0}'


def block(language: str, word: str) -> str:
    """Return the example in a language that contains a word."""
    (found,) = [text for kind, text in BLOCKS if kind == language and word in text]
    return str(found)


@pytest.fixture
def own() -> Any:
    """Serve for one test, since all examples use the same key."""
    with running() as served:
        yield served


def test_the_curl_example_queues_three_replies(own: RunningServer) -> None:
    lines = block("sh", '"First.", {').replace("http://localhost:8000", own.origin)
    assert json.loads(shell(lines)) == {"waiting": 3}
    assert json.loads(chat(own.origin, KEY).body)["choices"][0]["message"]["content"] == "First."


def test_the_filter_of_the_page_selects(own: RunningServer) -> None:
    for text in ("The weather?", "Hello!"):
        chat(own.origin, KEY, messages=[{"role": "user", "content": text}], temperature=3)
    lines = block("sh", "curl -G").replace("http://localhost:8000", own.origin)
    assert [entry["ordinal"] for entry in json.loads(shell(lines))["data"]] == [1]


def test_the_waiting_example_runs() -> None:
    ran = subprocess.run(
        [*warm.python(), "-c", block("python", "requests.wait")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout == "[1, 2]\n"


def test_every_key_of_a_state_has_a_row(own: RunningServer) -> None:
    chat(own.origin, KEY)
    headers = {"Authorization": f"Bearer {KEY}"}
    (entry,) = json.loads(ask(own.origin, "GET", "/_double/requests", b"", headers).body)["data"]
    rows = re.findall(r"^\| (`.*?`) \|", PAGE, re.MULTILINE)
    named = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    for path in ("session", f"requests/{entry['id']}"):
        assert {*json.loads(ask(own.origin, "GET", f"/_double/{path}", b"", headers).body)} <= named


def test_the_shell_reads_requests_back(own: RunningServer, tmp_path: Path) -> None:
    chat(own.origin, KEY, messages=[{"role": "user", "content": "The weather?"}], temperature=3)
    printed = shell(block("sh", "--format har"), tmp_path, CHATDOUBLE_URL=own.origin, OPENAI_API_KEY=KEY)
    entry, _, state = printed.partition("\n")
    assert (json.loads(entry)["status"], json.loads(state)["requests"]) == (400, 1)
    assert len(json.loads((tmp_path / "requests.har").read_text())["log"]["entries"]) == 1


def test_an_export_is_imported_by_another_session(own: RunningServer, tmp_path: Path) -> None:
    chat(own.origin, KEY)
    printed = shell(block("sh", "rules import"), tmp_path, CHATDOUBLE_URL=own.origin)
    assert printed == "added_rule_1\n"


@pytest.mark.parametrize("clock", ["real", "fixed:2026-01-02T03:04:05Z"])
def test_the_clock_lets_a_limit_refill(serve: Serve, clock: str) -> None:
    with serve(clock=clock) as served:
        lines = block("python", 'advance": float').replace("http://localhost:8000", served.origin)
        subprocess.run([*warm.python(), "-P", "-c", lines], env=environment(), timeout=60, check=True)
        answer = ask(served.origin, "GET", "/_double/requests", b"", {"Authorization": f"Bearer {KEY}"})
        assert [entry["status"] for entry in json.loads(answer.body)["data"]] == [200, 429, 200]


def test_the_user_who_cancels_has_left(own: RunningServer) -> None:
    lines = block("python", "stream.close").replace("http://localhost:8000", own.origin)
    subprocess.run([*warm.python(), "-P", "-c", lines], env=environment(), timeout=60, check=True)
    answer = ask(own.origin, "GET", "/_double/requests", b"", {"Authorization": f"Bearer {KEY}"})
    assert [entry["ended"] for entry in json.loads(answer.body)["data"]] == ["client left"]


def test_the_fault_by_header_happens(own: RunningServer) -> None:
    lines = block("sh", "x-double-fault").replace("http://localhost:8000", own.origin)
    assert json.loads(shell(lines))["error"]["type"] == "service_unavailable_error"


def test_the_shell_example_runs(own: RunningServer) -> None:
    assert shell(block("sh", "chatdouble queue"), CHATDOUBLE_URL=own.origin, OPENAI_API_KEY=KEY) == (
        f"1 waiting in session {KEY}\n2 waiting in session {KEY}\n"
        '[{"name": "error", "times": 2, "status": 503}]\n60 seconds ahead\n'
        f"{GATE}\n{GATE}\n{GATE}\n"
    )


def test_the_in_process_example_runs() -> None:
    ran = subprocess.run(
        [*warm.python(), "-c", block("python", "control.queue(mine")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stdout == "[]\n['First.', '{\"refusal\": \"No.\"}']\n"


def test_every_key_of_a_journal_entry_has_a_row(own: RunningServer) -> None:
    chat(own.origin, KEY)
    answer = ask(own.origin, "GET", "/_double/requests", b"", {"Authorization": f"Bearer {KEY}"})
    (entry,) = json.loads(answer.body)["data"]
    named = {key for row in re.findall(r"^\| (`.*?`) \|", PAGE, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    assert {*entry} <= named
