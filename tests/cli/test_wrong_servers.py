"""Commands whose server is another's, or of another version: each ends with a line and an exit code."""

import json

import pytest

from commands import run
from processes import run as run_process
from raw_upstreams import raw_upstream


def answer(body: bytes, status: str = "200 OK", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


HTML = answer(b"<h1>Not here</h1>", "404 Not Found", "text/html")
COMMANDS = (("queue",), ("requests", "--format", "har"), ("requests", "--follow"), ("verdict",), ("reset",))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    "given",
    [
        HTML,
        answer(b'{"error": "Unauthorized"}', "401 Unauthorized"),
        answer(b'{"error": {"message": 1}}', "400 Bad Request"),
        answer(b"[" * 100_000, "500 Internal Server Error"),
        answer(b"", "302 Found"),
    ],
)
def test_an_answer_of_another_server_is_a_line(command: tuple[str, ...], given: bytes) -> None:
    with raw_upstream([given]) as other:
        where = other.base_url
        done = run(*command, "--url", where)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"chatdouble: no answer from {where}: a ")
    assert done.stderr.endswith("is not of a chatdouble server\n")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [("queue", "Hello."), ("mode",), ("script", "[]"), ("rules", "list"), ("verdict",)])
def test_an_answer_of_another_version_is_a_line(command: tuple[str, ...]) -> None:
    with raw_upstream([answer(b'{"other": []}')]) as other:
        done = run(*command, "--url", other.base_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("chatdouble: the server's answer has no '")
    assert done.stderr.count("\n") == 1


def test_what_no_command_foresees_is_a_line() -> None:
    with raw_upstream([answer(b'{"data": [1]}')]) as other:
        done = run_process("rules", "list", "--url", other.base_url)
        traced = run_process("rules", "list", "--url", other.base_url, CHATDOUBLE_LOG_LEVEL="debug")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith("chatdouble: unforeseen TypeError: ")
    assert "Traceback" in traced.stderr


def test_escape_sequences_of_a_server_are_shown() -> None:
    given = answer(b'{"error": {"message": "a\\u001b[31m\\nb"}}', "400 Bad Request")
    with raw_upstream([given]) as other:
        assert run("reset", "--url", other.base_url).stderr == "chatdouble: a\\x1b[31m\nchatdouble: b\n"


def test_half_a_pair_of_surrogates_is_printed_as_json_has_it() -> None:
    with raw_upstream([answer(b'{"data": [{"text": "\\ud800"}]}')]) as other:
        done = run_process("queue", "--url", other.base_url)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"text": "\ud800"})
