"""`chatdouble gate`: what the control does with gates, from the shell."""

import json
from typing import Any

import openai
import pytest

from commands import run
from held import Double, texts


def gate(double: Double, *arguments: str) -> list[Any]:
    """Run a command for the test's session, and return the objects that it prints."""
    done = run("gate", *arguments, "--url", double.server.origin, "--key", double.key)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_stream_is_held_and_released_from_the_shell(double: Double) -> None:
    (made,) = gate(double, "put", "g", '{"after_chunks": 1}')
    assert (made["gate"], made["waiting"]) == ({"after_chunks": 1}, [])
    stream: Any = double.stream()
    heard = [next(stream)]
    (waiting,) = gate(double, "wait", "g", "--timeout", "20")
    request = waiting["waiting"][0]["request"]
    gate(double, "release", "g", "--chunks", "1", "--request", request)
    heard.append(next(stream))
    assert gate(double, "show", "g") == gate(double, "show")
    gate(double, "release", "g")
    assert texts(iter([*heard, *stream])) == ["", "one", " two", " three", " four", ""]


def test_an_answer_is_aborted_and_the_gate_deleted_from_the_shell(double: Double) -> None:
    gate(double, "put", "g")
    gate(double, "put", "other", '{"before": "done"}')
    assert [one["name"] for one in gate(double, "show")] == ["g", "other"]
    gate(double, "delete", "other")
    with pytest.raises(openai.APITimeoutError):
        double.say(timeout=0.2)
    (left,) = gate(double, "wait", "g", "--client-left")
    assert [one["client_left"] for one in left["waiting"]] == [True]
    assert gate(double, "abort", "g", "--how", "reset") == [left]


def test_what_cannot_be_done_is_one_line(double: Double) -> None:
    gate(double, "put", "second-chunk")
    done = run("gate", "release", "second-chnk", "--url", double.server.origin, "--key", double.key)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "chatdouble: The session has no gate 'second-chnk'; did you mean 'second-chunk'?\n"
    late = run("gate", "wait", "second-chunk", "--timeout", "0.01", "--url", double.server.origin, "--key", double.key)
    assert (late.returncode, late.stderr.startswith("chatdouble: Gate 'second-chunk' did not have 1 waiting")) == (
        2,
        True,
    )
