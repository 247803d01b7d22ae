"""The sections of docs/control.md on scripted conversations and on rules work as printed, except for the address."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import warm
from chatdouble.testing.server import RunningServer, running
from processes import shell
from raw import chat, control

PAGE: Final = (Path(__file__).parents[2] / "docs" / "control.md").read_text("utf-8")
KEY: Final = "sk-test-42"
ASKED: Final[Any] = {"role": "user", "content": "Go"}
WEATHER: Final[Any] = [
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
]


def blocks(section: str, language: str) -> list[str]:
    """Return the blocks of a section in a language."""
    (text,) = re.findall(rf"^## {section}\n(.*?)^## ", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def own() -> Iterator[RunningServer]:
    """Serve for one test, since all examples use the same key."""
    with running() as served:
        yield served


def test_the_queued_replies_answer_their_own_agents(own: RunningServer) -> None:
    (lines,) = blocks("Queue for several agents", "sh")
    assert json.loads(shell(lines.replace("http://localhost:8000", own.origin))) == {"waiting": 4}
    critic, writer = ([{"role": "system", "content": f"A {name}."}, ASKED] for name in ("critic", "writer"))
    assert [chat(own.origin, KEY, messages=critic).status for _ in range(3)] == [503, 503, 200]
    assert b"A draft." in chat(own.origin, KEY, messages=writer).body
    assert b"A title." in chat(own.origin, KEY, model="gpt-5.4-nano").body
    assert control(own, KEY, "GET", "queue")["data"] == []


def test_the_scripted_conversation_answers_and_refuses_as_printed(own: RunningServer) -> None:
    (lines, _), (printed,) = blocks("Script a conversation", "sh"), blocks("Script a conversation", "text")
    assert json.loads(shell(lines.replace("http://localhost:8000", own.origin))) == {"id": "script_1", "waiting": 3}
    asked: dict[str, Any] = {"messages": [{"role": "user", "content": "To Oslo"}], "tools": WEATHER}
    assert [chat(own.origin, KEY, **asked).status for _ in range(2)] == [200, 429]
    refused = chat(own.origin, KEY, **asked)
    assert (refused.status, refused.error["message"] + "\n") == (404, printed)


def test_the_described_conversation_takes_its_own_requests_only(own: RunningServer) -> None:
    (given,) = map(json.loads, blocks("Script a conversation", "json"))
    assert control(own, KEY, "POST", "script", given) == {"id": "script_1", "waiting": 2}
    assert chat(own.origin, KEY, messages=[ASKED]).status == 200
    system = {"role": "system", "content": "You are a researcher. Find it."}
    said = [chat(own.origin, KEY, messages=[system, ASKED]) for _ in range(3)]
    assert [answer.status for answer in said] == [200, 200, 404]
    assert "in the conversation researcher" in said[-1].error["message"]


def test_the_shell_scripts_a_conversation(own: RunningServer, tmp_path: Path) -> None:
    (tmp_path / "turns.yaml").write_text("- One.\n- Two.\n")
    lines = blocks("Script a conversation", "sh")[1].replace("@turns.yaml", f"@{tmp_path / 'turns.yaml'}")
    printed = shell(lines, CHATDOUBLE_URL=own.origin, OPENAI_API_KEY=KEY).splitlines()
    assert printed[:2] == ["script_1: 2 turns waiting", "script_2: 4 turns waiting"]
    assert [json.loads(line)["waiting"] for line in printed[2:4]] == [2, 2]
    assert printed[4:] == ["4 turns dropped"]


def test_turns_are_scripted_in_the_same_process() -> None:
    (lines,) = blocks("Script a conversation", "python")
    ran = subprocess.run([*warm.python(), "-c", lines], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout == "1\n"


def test_the_shell_changes_rules(own: RunningServer) -> None:
    lines = blocks("Rules while it runs", "sh")[0]  # test_control_page.py runs the second
    printed = shell(lines, CHATDOUBLE_URL=own.origin, OPENAI_API_KEY=KEY).splitlines()
    assert printed == [
        "added_rule_1",
        "added_rule_2",
        "added_rule_1  rain  (added for session)  0 hits, next reply 1 of 2",
        "added_rule_2  (added for session)  0 hits",
    ]
    assert chat(own.origin, KEY).status == 500


def test_every_key_of_a_listed_rule_has_a_row(own: RunningServer) -> None:
    added = control(own, KEY, "POST", "rules", {"rule": {"reply": "x"}})
    section = PAGE.partition("## Rules while it runs")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    assert {*added} == {key for row in rows for key in re.findall(r"`(\w+)`", row)}
