"""Recordings of single tests, with a server of ours as the API that is recorded."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from chatdouble.testing import Double, double
from chatdouble.testing.server import RunningServer
from plugin_runs import run_pytest, write_module

TESTS = """
@pytest.mark.chatdouble(record=True)
def test_asks(chatdouble):
    assert ask("a").content == "Recorded a"
    stream = openai.OpenAI().chat.completions.create(
        model="gpt-5.4-mini", messages=[{"role": "user", "content": "b"}], stream=True)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Recorded b"
"""
KEY = {"OPENAI_API_KEY": "sk-real-one"}


@pytest.fixture
def api() -> "AbstractContextManager[Double]":
    return double(key="sk-real-one")


def test_a_test_is_recorded_replayed_verified_and_recorded_again(
    tmp_path: Path, api: AbstractContextManager[Double]
) -> None:
    file = tmp_path / "recordings" / "test_app" / "test_asks.yaml"
    with api as upstream:
        write_module(tmp_path, TESTS, f"chatdouble_upstream = {upstream.base_url}\n")
        output = run_pytest(tmp_path)
        assert f"there is no {file}; record it with --chatdouble-record=once" in output
        upstream.reply("Recorded a", "Recorded b")
        run_pytest(tmp_path, "--chatdouble-record=once", passed=1, variables=KEY)
        recorded = file.read_text("utf-8")
        assert "sk-real-one" not in recorded
        assert recorded.count("- name: ") == 2
        run_pytest(tmp_path, passed=1)
        assert len(upstream.requests) == 2
        upstream.reply("Recorded a")
        upstream.refuse("No.")
        output = run_pytest(tmp_path, "--chatdouble-record=verify", failed=1, variables=KEY)
        assert f"the recordings in {file} are no longer what the API answers:" in output
        assert "2 recordings: 1 true, 1 drift" in output
        assert file.read_text("utf-8") == recorded
        upstream.reply("Recorded a", {"text": "Recorded b", "system_fingerprint": "fp_new"})
        run_pytest(tmp_path, "--chatdouble-record=rerecord", passed=1, variables=KEY)
        assert "fp_new" in file.read_text("utf-8")


def test_what_is_missing_is_recorded_and_what_is_not_used_fails(
    tmp_path: Path, api: AbstractContextManager[Double]
) -> None:
    one = """
    @pytest.mark.chatdouble(record=True)
    def test_one(chatdouble):
        assert ask("First").content == "First"
    """
    with api as upstream:
        ini = f"chatdouble_upstream = {upstream.base_url}\n"
        write_module(tmp_path, one, ini)
        run_pytest(tmp_path, "--chatdouble-record=once", passed=1, variables=KEY)
        write_module(tmp_path, one + '    assert ask("Second").content == "Second"\n', ini)
        run_pytest(tmp_path, "--chatdouble-record=once", passed=1, variables=KEY)
        assert [request.user for request in upstream.requests] == ["First", "Second"]
        write_module(tmp_path, one, ini)
        output = run_pytest(tmp_path, failed=1)
        assert output.count("error: unused_recording: A recording was not replayed.") == 1


def test_recordings_without_a_test_are_reported(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    for name in ("test_app/test_gone.yaml", "test_app/test_plain.yaml", "test_removed/test_one.yaml"):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("# Recorded by chatdouble: ...\n")
    (folder / "test_app" / "test_of_another_tool.yaml").write_text("interactions: []\n")
    write_module(tmp_path, "def test_plain():\n    pass\n\ndef test_other():\n    pass\n")
    for arguments in (["-n2"], ["-k", "plain"]):
        output = run_pytest(tmp_path, *arguments, passed=1 if "-k" in arguments else 2, plugins=("xdist",))
        assert "recordings without a test (chatdouble)" in output
        listed = [line for line in output.splitlines() if line.startswith("recordings/")]
        assert listed == [
            "recordings/test_app/test_gone.yaml",
            "recordings/test_app/test_plain.yaml",
            "recordings/test_removed/test_one.yaml",
        ]
    assert "recordings without" not in run_pytest(tmp_path, "test_app.py::test_plain", passed=1)


def test_recording_needs_a_key_and_a_server_of_its_own(
    tmp_path: Path, serve: Callable[..., AbstractContextManager[RunningServer]]
) -> None:
    write_module(tmp_path, TESTS)
    without = {"OPENAI_API_KEY": "", "CHATDOUBLE_UPSTREAM_KEY": ""}
    output = run_pytest(tmp_path, "--chatdouble-record=once", variables=without)
    assert "--chatdouble-record=once asks https://api.openai.com/v1: set OPENAI_API_KEY to a key for it" in output
    with serve() as elsewhere:
        output = run_pytest(tmp_path, "--chatdouble-url", elsewhere.origin)
        assert "--chatdouble-url: the marker cannot set record of that server" in output
