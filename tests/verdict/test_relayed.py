"""Answers of an upstream: its refusals and its `retry-after` are the verdict's too."""

import gzip
import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from conftest import Serve
from raw import chat, control, post
from upstreams import JSON, PATH, REQUEST, STREAM, Responder, answering, chunk, relaying, upstream

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
