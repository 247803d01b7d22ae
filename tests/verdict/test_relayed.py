"""Answers of an upstream: its refusals and its `retry-after` are the verdict's too."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from conftest import Serve
from raw import chat, control, post
from upstreams import JSON, answering, relaying, upstream

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
