"""Answers of an upstream: its refusals and its `retry-after` are the verdict's too."""

import gzip
import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from conftest import Serve
from raw import chat, control, post
from upstreams import DONE, JSON, PATH, REQUEST, STREAM, Responder, answering, chunk, relaying, streaming, upstream

HOT: Any = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "Hi"}], "temperature": 3}
ERROR = json.dumps({"error": {"message": "Not like this.", "type": "invalid_request_error", "code": None}}).encode()


def problems(server: Any, key: str) -> list[tuple[str, str]]:
    """Return the kinds and findings of the problems."""
    return [(one["kind"], one["found"]) for one in control(server, key, "GET", "verdict")["problems"]]


@pytest.mark.parametrize("mode", ["passthrough", "record"])
def test_a_refusal_of_the_upstream_is_found_in_its_words(serve: Serve, key: str, tmp_path: Path, mode: str) -> None:
    with serve() as above, serve(upstream=above.base_url, mode=mode, recordings=tmp_path) as server:
        assert post(server.origin, HOT, key).status == 400
        (problem,) = problems(server, key)
    assert problem[0] == "refused"
    assert problem[1].startswith("400: Invalid 'temperature'")


@pytest.mark.parametrize(
    ("headers", "body", "found"),
    [
        ([], ERROR, "400: Not like this."),
        ([(b"content-encoding", b"gzip")], gzip.compress(ERROR), "400: Not like this."),
        ([(b"content-encoding", b"gzip")], b"not gzip", "400: an answer without an error's envelope"),
        ([(b"content-encoding", b"br")], b"\x0b\x00", "400: an answer without an error's envelope"),
        ([], b"<html>", "400: an answer without an error's envelope"),
        ([], b" " * 100_000, "400: an answer without an error's envelope"),
    ],
    ids=["plain", "gzip", "no gzip", "unknown", "HTML", "spaces"],
)
def test_a_refusal_is_found_however_it_is_written(key: str, headers: Any, body: bytes, found: str) -> None:
    with upstream(answering(400, [*JSON, *headers], body)) as above, relaying(above) as server:
        assert chat(server.origin, key, model="gpt-5.4-mini").body == body
        assert problems(server, key) == [("refused", found)]


@pytest.mark.parametrize(("wait", "found"), [(b"30", ["retry_after_ignored"]), (b"0", []), (b"Thu, 01 Jan", [])])
def test_the_upstreams_retry_after_is_to_be_waited_for(key: str, wait: bytes, found: list[str]) -> None:
    limited = answering(429, [*JSON, (b"retry-after", wait)], ERROR)
    with upstream(limited) as above, relaying(above) as server:
        chat(server.origin, key, model="gpt-5.4-mini")
        chat(server.origin, key, model="gpt-5.4-mini")
        assert [kind for kind, _ in problems(server, key)] == found


CALL: Any = {"tool_calls": [{"get_weather": {"city": "Oslo"}}]}
TOOL: Any = {
    "type": "function",
    "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}},
}


@pytest.mark.parametrize("stream", [False, True])
def test_what_the_application_made_of_a_relayed_answer_is_judged_in_every_mode(
    serve: Serve, tmp_path: Path, stream: bool
) -> None:
    asked: Any = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "Oslo?"}], "tools": [TOOL]}
    with serve(backend="script", unmatched="echo", scripts=(_calling(tmp_path),)) as above:
        for mode in ("passthrough", "record", "replay"):
            recordings = None if mode == "passthrough" else tmp_path / "recordings"
            with serve(upstream=above.base_url, mode=mode, recordings=recordings, log_level="error") as server:
                post(server.origin, {**asked, "stream": stream}, mode)
                (entry,) = control(server, mode, "GET", "requests?text=get_weather&status=200")["data"]
                (choice,) = entry["response"]["choices"]
                assert (choice["finish_reason"], entry["response"]["object"]) == ("tool_calls", "chat.completion")
                assert choice["message"]["tool_calls"][0]["function"]["arguments"] == '{"city":"Oslo"}'
                assert [kind for kind, _ in problems(server, mode)] == ["tool_result_missing"]


def _calling(folder: Path) -> Path:
    script = folder / "script.json"
    script.write_text(json.dumps([{"reply": CALL}]))
    return script


@pytest.mark.parametrize("stream", [False, True])
def test_a_relayed_response_of_the_responses_api_is_judged(serve: Serve, key: str, stream: bool) -> None:
    tool: dict[str, Any] = {
        "type": "function",
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {}},
        "strict": False,
    }
    with serve() as above, serve(upstream=above.base_url, mode="passthrough") as server:
        asked: Any = {
            "model": "gpt-5.4-mini",
            "input": "Oslo?",
            "tools": [tool],
            "stream": stream,
            "tool_choice": "auto",
        }
        control(above, key, "POST", "queue", CALL)
        post(server.origin, asked, key, "/v1/responses")
        assert [kind for kind, _ in problems(server, key)] == ["tool_result_missing"]


def only_entry(server: Any, key: str) -> Any:
    """Return the entry of a session's only request once it has ended, which is a little after its client knows."""
    while True:
        (entry,) = control(server, key, "GET", "requests")["data"]
        if entry["ended"] != "in flight":
            return entry


@pytest.mark.parametrize(
    ("headers", "body", "noted"),
    [
        ([*JSON, (b"content-encoding", b"gzip")], gzip.compress(b'{"choices": []}'), {"choices": []}),
        ([*JSON, (b"content-encoding", b"br")], b"\x0b\x00", None),
        (JSON, b'{"a": "' + b"x" * 300_000 + b'"}', None),
        (JSON, b"[1]", None),
        ([(b"content-type", b"audio/mpeg")], b'{"a": 1}', None),
        (STREAM, b'data: {"choices": [{"delta": 7}]}\n\n', None),
        (STREAM, b'data: {"choices": [{"delta": {"content": "x"}}]}\n\ndata: {"error": {}}\n\n', None),
        (STREAM, b": nothing\n\n", None),
    ],
    ids=["gzip", "unknown encoding", "large", "list", "sound", "no chunk", "error in a stream", "no data"],
)
def test_the_journal_has_a_relayed_answer_that_it_can_read(key: str, headers: Any, body: bytes, noted: Any) -> None:
    with upstream(answering(200, headers, body)) as above, relaying(above) as server:
        assert chat(server.origin, key, model="gpt-5.4-mini").body == body
        entry = only_entry(server, key)
        assert (entry["response"], entry["ended"]) == (noted, "completed")


def test_a_long_relayed_stream_is_noted_whole(key: str) -> None:
    pieces = [chunk(f"{number} ") for number in range(1_000)]
    with upstream(streaming(*pieces, chunk(None, finish_reason="stop"), DONE)) as above, relaying(above) as server:
        chat(server.origin, key, model="gpt-5.4-mini", stream=True)
        entry = only_entry(server, key)
        assert entry["response"]["choices"][0]["message"]["content"] == "".join(f"{n} " for n in range(1_000))


def left_after(key: str, *pieces: bytes) -> list[tuple[str, str]]:
    """Return the problems of a client that leaves when it has read these pieces of an upstream that goes on."""

    async def behaviour(responder: Responder) -> None:
        await responder.head(200, STREAM)
        for data in pieces:
            await responder.piece(data)
        await responder.left()

    with upstream(behaviour) as above, relaying(above) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        connection.request("POST", PATH, REQUEST.replace(b"{", b'{"stream": true, ', 1), headers)
        connection.getresponse().read(len(b"".join(pieces)))
        connection.close()
        while control(server, key, "GET", "verdict")["counts"]["requests"] == 0:
            pass
        return problems(server, key)


def test_a_client_that_leaves_at_done_has_read_the_answer(key: str) -> None:
    assert left_after(key, chunk("Hi"), b"data: [DO", b"NE]\n\n") == []


def test_a_client_that_leaves_a_relayed_stream_in_its_middle_has_not_read_it(key: str) -> None:
    assert left_after(key, chunk("Hi")) == [("answer_not_read", "the client left in the middle of the answer")]
