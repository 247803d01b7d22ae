"""A recording that was edited into something unreadable is reported, with its line, and never served half."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatdouble.scripts.lint import lint_paths
from conftest import Serve
from raw import chat
from upstreams import HELLO, counting, recording, recording_names, streaming

EDITS: dict[str, Callable[[str], str]] = {
    "not YAML": lambda text: text.replace("      stream:", "     stream:", 1),
    "an unknown key": lambda text: text.replace("status: 200", "staus: 200"),
    "an unclosed object": lambda text: text.replace('"choices":[', '"choices":', 1),
    "no text": lambda text: text.replace('"data":"[DONE]"', r'"text":"\ud800"'),
    "no JSON": lambda text: text.replace('"data":"[DONE]"', '"data":{1: x}'),
    "a number that JSON does not have": lambda text: text.replace('"data":"[DONE]"', '"data":{"a": .nan}'),
    "cut off": lambda text: text[: len(text) * 2 // 3],
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("mode", ["replay", "record"])
def test_the_next_request_and_lint_name_the_file_and_the_line(tmp_path: Path, mode: str, edit: str) -> None:
    with recording(tmp_path, streaming(*HELLO)) as (_, served):
        chat(served.origin, stream=True)
    (name,) = recording_names(tmp_path)
    path = tmp_path / name
    with recording(tmp_path, counting(), mode) as (above, served):
        assert chat(served.origin, stream=True).status == 200
        path.write_text(EDITS[edit](path.read_text()))
        answer = chat(served.origin, "sk-another", stream=True)
        assert above.received == []
    assert (answer.status, answer.error["code"]) == (500, "script_error")
    assert answer.headers["x-should-retry"] == "false"
    finding = str(lint_paths([tmp_path])[0])
    place, _, message = finding.partition(": error: ")
    assert place.startswith(f"{path}:")
    assert f"{place}: {message}" in answer.error["message"]


def test_a_request_without_a_recording_is_told_of_unreadable_ones(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("rules:\n- {when: {user: Hello!}, repl: hi}\n")
    with serve(recordings=tmp_path) as served:
        answer = chat(served.origin)
    assert (answer.status, answer.error["code"]) == (404, "no_rule_matched")
    assert f"{tmp_path / 'own.yaml'}:2:" in answer.error["message"]
    assert "did you mean 'reply'?" in answer.error["message"]


def test_rerecord_replaces_an_unreadable_recording(tmp_path: Path) -> None:
    with recording(tmp_path, counting(), "rerecord") as (_, served):
        chat(served.origin)
        (name,) = recording_names(tmp_path)
        (tmp_path / name).write_text("- {")
        assert chat(served.origin, "sk-another").status == 200
    assert lint_paths([tmp_path]) == []
