"""Upstreams that close kept connections, send illegal headers, or break off."""

import asyncio
import gzip
import zlib
from pathlib import Path

import httpx2
import pytest

from conftest import Serve
from raw import chat
from raw_upstreams import Answers, answer, raw_upstream
from upstreams import DONE, HELLO, JSON, SAYS_JSON, STREAM, answering, recording, recording_names, streaming

OK = answer(b"{}", b"content-type: application/json")


def test_a_kept_connection_that_the_upstream_closes_at_that_moment_costs_no_answer(serve: Serve) -> None:
    with raw_upstream([OK, None], [OK]) as above, serve(upstream=above.base_url, mode="passthrough") as served:
        assert [chat(served.origin).status for _ in range(2)] == [200, 200]
    assert above.requests == [2, 1]


def test_a_request_is_sent_at_most_twice(serve: Serve) -> None:
    with raw_upstream([OK, None], [None], [OK]) as above, serve(upstream=above.base_url, mode="passthrough") as served:
        assert [chat(served.origin).status for _ in range(3)] == [200, 502, 200]
    assert above.requests == [2, 1, 1]


@pytest.mark.parametrize(
    "first",
    [[None], [OK, b"no HTTP at all\r\n\r\n"], [OK, b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n"]],
    ids=["a new connection", "no HTTP", "a bad head"],
)
def test_a_request_that_another_failure_ends_is_not_sent_again(serve: Serve, first: Answers) -> None:
    with raw_upstream(first, [OK]) as above, serve(upstream=above.base_url, mode="passthrough") as served:
        statuses = [chat(served.origin).status for _ in first]
    assert statuses[-1] == 502
    assert above.requests == [len(first)]


@pytest.mark.parametrize("value", [b"a\x01b", b"\x7f", b"\x1b[31m"])
@pytest.mark.parametrize("mode", ["passthrough", "rerecord"])
def test_a_header_with_control_characters_is_a_502(serve: Serve, tmp_path: Path, value: bytes, mode: str) -> None:
    broken = answer(b"{}", b"content-type: application/json", b"x-custom: " + value)
    with (
        raw_upstream([broken], [OK]) as above,
        serve(upstream=above.base_url, mode=mode, recordings=tmp_path) as served,
    ):
        refused, next_ = chat(served.origin), chat(served.origin)
    assert (refused.status, refused.error["code"]) == (502, "upstream_error")
    assert refused.error["message"].endswith("failed: a header of its answer has control characters.")
    assert next_.status == 200


@pytest.mark.parametrize("mode", ["passthrough", "rerecord"])
@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 1", b"2\r\n{}\r\n0\r\n\r\n"),
        (b"204 No Content\r\ncontent-length: 2", b""),
        (b"304 Not Modified\r\ncontent-length: 2", b""),
    ],
    ids=["chunks", "204", "304"],
)
def test_a_length_that_is_not_the_bodys_is_ignored(
    serve: Serve, caplog: pytest.LogCaptureFixture, tmp_path: Path, mode: str, head: bytes, body: bytes
) -> None:
    with (
        raw_upstream([b"HTTP/1.1 " + head + b"\r\ncontent-type: application/json\r\n\r\n" + body]) as above,
        serve(upstream=above.base_url, mode=mode, recordings=tmp_path) as served,
    ):
        answered = chat(served.origin)
    assert (answered.status, answered.body) == (int(head[:3]), b"{}" if body else b"")
    assert "content-length" not in answered.headers
    assert [line for line in caplog.messages if "Exception" in line] == []


@pytest.mark.parametrize("status", [205, 600, 999])
def test_an_answer_whose_status_no_reply_can_have_is_not_recorded(serve: Serve, tmp_path: Path, status: int) -> None:
    odd = b"HTTP/1.1 %d Odd\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}" % status
    with (
        raw_upstream([odd], [odd]) as above,
        serve(upstream=above.base_url, mode="record", recordings=tmp_path) as served,
    ):
        # A recording of it could not be read, and the next request would get a 500.
        assert [chat(served.origin).status for _ in range(2)] == [status, status]
    assert recording_names(tmp_path) == []


def test_headers_in_latin_1_pass(serve: Serve) -> None:
    with (
        raw_upstream([answer(b"{}", b"x-custom: caf\xe9\ta")]) as above,
        serve(upstream=above.base_url, mode="passthrough") as served,
    ):
        assert chat(served.origin).headers["x-custom"] == "caf\xe9\ta"


PACKED = {"gzip": gzip.compress(b'{"a": 1}'), "deflate": zlib.compress(b'{"a": 1}')}


@pytest.mark.parametrize("encoding", PACKED)
def test_an_answer_whose_encoding_breaks_off_is_passed_on_and_not_recorded(tmp_path: Path, encoding: str) -> None:
    body = PACKED[encoding][:-3]
    behave = answering(200, [*JSON, (b"content-encoding", encoding.encode())], body)
    with recording(tmp_path, behave) as (_above, served):
        assert chat(served.origin).body == body
        journal = asyncio.run(served.app.journal.entries("sk-test"))
    assert recording_names(tmp_path) == []
    assert journal[0].get("not_recorded", "") == "its content encoding breaks off"


def test_an_answer_in_two_parts_of_gzip_is_passed_on_and_not_recorded(tmp_path: Path) -> None:
    body = PACKED["gzip"] * 2
    with recording(tmp_path, answering(200, [*JSON, (b"content-encoding", b"gzip")], body)) as (_above, served):
        assert chat(served.origin).body == body
    assert recording_names(tmp_path) == []


def test_an_empty_answer_that_names_an_encoding_is_recorded(tmp_path: Path) -> None:
    with recording(tmp_path, answering(200, [*JSON, (b"content-encoding", b"gzip")], b"")) as (_above, served):
        assert chat(served.origin).body == b""
    assert len(recording_names(tmp_path)) == 1


def test_only_the_end_of_a_stream_waits_for_its_recording(tmp_path: Path) -> None:
    with (
        recording(tmp_path, streaming(b"".join(HELLO))) as (_above, served),
        httpx2.stream(
            "POST",
            f"{served.base_url}/chat/completions",
            json={"model": "gpt-4o", "messages": [], "stream": True},
            headers=SAYS_JSON,
        ) as response,
    ):
        pieces = [piece for piece in response.iter_raw() if piece]
    assert pieces in ([b"".join(HELLO[:-1]), DONE], [b"".join(HELLO)])
    assert len(recording_names(tmp_path)) == 1


def test_a_stream_with_a_secret_in_every_frame_is_recorded_without_any(tmp_path: Path) -> None:
    frames = [HELLO[0].replace(b"Hel", b"sk-test-%04d " % number) for number in range(500)]
    with recording(tmp_path, streaming(*frames, DONE, headers=STREAM)) as (_above, served):
        chat(served.origin, stream=True)
    (path,) = tmp_path.glob("*.yaml")
    assert path.read_text().count("[secret]") == 500
    assert "sk-test" not in path.read_text()
