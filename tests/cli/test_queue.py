"""`chatdouble queue`, and `chatdouble lint` of replies that need an upstream."""

from pathlib import Path

import pytest

from chatdouble.testing.server import RunningServer
from commands import run
from raw import control


@pytest.mark.parametrize("reply", ['{"text":"a"', '[{"text": "a"}', " {text: a}", "[" * 5000, f'{{"n": {"9" * 5000}}}'])
def test_broken_json_is_refused_and_not_queued_as_a_text(server: RunningServer, key: str, reply: str) -> None:
    done = run("queue", reply, "--url", server.origin, "--key", key)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("chatdouble: not JSON: ")
    assert done.stderr.endswith("to send it as a text, write it as a JSON string\n")
    assert control(server, key, "POST", "queue", "a") == {"waiting": 1}


@pytest.mark.parametrize("reply", ["Plain text.", '"{not an object"', '"quoted'])
def test_a_text_is_queued_and_the_session_is_named(server: RunningServer, key: str, reply: str) -> None:
    done = run("queue", reply, "--url", server.origin, "--key", key)
    assert (done.returncode, done.stdout) == (0, f"1 waiting in session {key}\n")


def test_the_session_of_a_key_that_looks_real_is_named_by_its_digest(server: RunningServer) -> None:
    done = run("queue", "a", "--url", server.origin, "--key", "sk-proj-" + "a1B2" * 12)
    assert done.stdout.startswith("1 waiting in session sk-...a1B2-")


def test_other_settings_refuse_broken_json_too(server: RunningServer, key: str) -> None:
    done = run("pace", '{"ttft": 1', "--url", server.origin, "--key", key)
    assert (done.returncode, done.stderr[:21]) == (2, "chatdouble: not JSON:")


def test_lint_warns_of_replies_that_need_an_upstream_unless_there_is_one(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- reply: {upstream: true}")
    warned = run("lint", "--strict", str(tmp_path))
    assert warned.returncode == 1
    assert "a.yaml:1:11: warning: rules[0].reply.upstream: there is no upstream" in warned.stdout
    assert run("lint", "--strict", "--upstream", "http://localhost:9/v1", str(tmp_path)).returncode == 0
