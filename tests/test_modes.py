"""Validation over HTTP: strict, lenient and off."""

import asyncio
from typing import Any, Final

import pytest

from chatdouble.server.entry import Entry
from chatdouble.testing.server import RunningServer
from conftest import Serve
from processes import serving
from raw import Answer, ask, chat

HEADER: Final = "x-double-warning"
TOO_HOT: Final[dict[str, Any]] = {"temperature": 3}
PLACEHOLDERS: Final[dict[str, Any]] = {
    "messages": [{"role": "developer", "content": "string", "name": "name"}],
    "model": "gpt-5.4",
    "audio": {"format": "wav", "voice": "string"},
    "frequency_penalty": -2,
    "function_call": "none",
    "functions": [{"name": "name", "parameters": {"foo": "bar"}}],
    "logit_bias": {"foo": 0},
    "max_completion_tokens": 0,
    "max_tokens": 0,
    "metadata": {"foo": "string"},
    "modalities": ["text"],
    "n": 1,
    "prediction": {"content": "string", "type": "content"},
    "reasoning_effort": "none",
    "response_format": {"type": "text"},
    "stop": "\n",
    "stream_options": {"include_usage": True},
    "tool_choice": "none",
    "tools": [{"type": "function", "function": {"name": "name", "parameters": {"foo": "bar"}, "strict": True}}],
    "top_logprobs": 0,
    "web_search_options": {"user_location": {"type": "approximate", "approximate": {"city": "city"}}},
}
"""A request of an official SDK's suite."""


def entries(server: RunningServer) -> list[Entry]:
    ask(server.origin, "GET", "/health")  # what came before it has been written down
    return asyncio.run(server.app.journal.entries("sk-test"))


@pytest.mark.parametrize("stream", [False, True])
def test_lenient_answers_and_warns_in_the_header_and_the_journal(serve: Serve, *, stream: bool) -> None:
    with serve(validation="lenient") as served:
        got = chat(served.origin, **TOO_HOT, top_k=5, stream=stream)
        (entry,) = entries(served)
    said = [
        "Unrecognized request argument supplied: top_k",
        (
            "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead. "
            "(param: temperature)"
        ),
    ]
    assert got.status == 200
    assert got.headers[HEADER] == "; ".join(said)
    assert entry.get("warnings", []) == said


def test_lenient_warns_in_the_log() -> None:
    with serving("--validation", "lenient") as served:
        chat(served.origin, **TOO_HOT)
        chat(served.origin)
        served.process.terminate()
        assert served.process.stdout is not None
        (line,) = [line for line in served.process.stdout.read().splitlines() if " INFO " not in line]
    assert " WARNING POST /v1/chat/completions 200 Invalid 'temperature': decimal above maximum value." in line


def test_the_warnings_header_is_short_and_one_line(serve: Serve) -> None:
    with serve(validation="lenient") as served:
        unknown: dict[str, Any] = {f"x\n{'é' * 90}{number}": 1 for number in range(100)}
        got = chat(served.origin, **unknown)
        (entry,) = entries(served)
    assert got.status == 200
    assert len(got.headers[HEADER]) == 2000
    assert len(entry.get("warnings", [])[0]) > 9000


def test_lenient_sends_no_header_for_a_valid_request(serve: Serve) -> None:
    with serve(validation="lenient") as served:
        assert HEADER not in chat(served.origin).headers


@pytest.mark.parametrize("request_", [{"messages": []}, {"messages": [{"role": "bot", "content": "x"}]}, {"model": ""}])
def test_lenient_refuses_requests_that_cannot_be_answered(serve: Serve, request_: dict[str, Any]) -> None:
    with serve(validation="lenient") as served:
        assert chat(served.origin, **request_).status == 400


def test_off_answers_the_placeholders_of_generated_test_suites(serve: Serve) -> None:
    with serve(validation="off") as served:
        for stream in (False, True):
            got = chat(served.origin, **PLACEHOLDERS, stream=stream)
            assert (got.status, HEADER in got.headers) == (200, False), got.body


def test_strict_refuses_the_placeholders(server: RunningServer) -> None:
    assert chat(server.origin, **PLACEHOLDERS).status == 400


def _warned(served: RunningServer, model: str) -> tuple[Answer, list[str]]:
    got = chat(served.origin, model=model)
    return got, entries(served)[-1].get("warnings", [])


def test_the_journal_warns_of_a_model_that_the_catalogue_does_not_know(serve: Serve) -> None:
    with serve() as served:
        got, warnings = _warned(served, "gpt-9")
        assert got.status == 200
        assert HEADER not in got.headers
        assert warnings == ["The catalogue does not know the model `gpt-9`; it is taken as a current one."]
        assert _warned(served, "gpt-4o")[1] == []
