"""Complete answers are recorded and replayed byte for byte."""

import asyncio
import gzip
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from conftest import Serve
from raw import ask, chat
from upstreams import (
    COMPLETION,
    DONE,
    HELLO,
    JSON,
    PATH,
    SAYS_JSON,
    STREAM,
    Behaviour,
    Responder,
    answering,
    chunk,
    counting,
    recording,
    recording_names,
    streaming,
)

EXCHANGES: dict[str, tuple[Behaviour, dict[str, Any], bytes]] = {
    "a whole answer": (answering(200, JSON, COMPLETION), {}, COMPLETION),
    "compact JSON": (answering(200, JSON, b'{"a":{"b":[1,2.5,null]}}'), {}, b'{"a":{"b":[1,2.5,null]}}'),
    "an error": (answering(400, JSON, b'{"error": {}}'), {}, b'{"error": {}}'),
    "no JSON": (answering(200, JSON, b"\xff\x00"), {}, b"\xff\x00"),
    "nothing": (answering(200, JSON, b""), {}, b""),
    "a stream": (streaming(*HELLO), {"stream": True}, b"".join(HELLO)),
    "a stream cut anywhere": (
        streaming(HELLO[0][:7], HELLO[0][7:] + HELLO[1], DONE),
        {"stream": True},
        b"".join(HELLO[:2]) + DONE,
    ),
    "a stream without an end": (streaming(*HELLO[:1]), {"stream": True}, HELLO[0]),
    "a stream that goes on after its end": (streaming(DONE, b": more\n\n"), {"stream": True}, DONE + b": more\n\n"),
    "a broken stream": (streaming(b"data: {]\r\n\r\n", b"\xff\xfe"), {"stream": True}, b"data: {]\r\n\r\n\xff\xfe"),
}


@pytest.mark.parametrize(("behaviour", "request_", "body"), EXCHANGES.values(), ids=EXCHANGES)
def test_a_recorded_answer_is_replayed_byte_for_byte(
    serve: Serve, tmp_path: Path, behaviour: Behaviour, request_: dict[str, Any], body: bytes
) -> None:
    with recording(tmp_path, behaviour) as (above, served):
        first = chat(served.origin, **request_)
        again = chat(served.origin, key="sk-another", **request_)
    assert len(above.received) == 1
    with serve(recordings=tmp_path) as served:
        replayed = chat(served.origin, key="sk-yet-another", **request_)
    assert first.body == again.body == replayed.body == body
    assert first.status == again.status == replayed.status
    assert first.headers["content-type"] == again.headers["content-type"] == replayed.headers["content-type"]
    assert len(recording_names(tmp_path)) == 1


def test_chunks_with_any_text_are_kept(tmp_path: Path) -> None:
    frames = (
        chunk("12:30"),
        chunk("yes"),
        chunk("1e5"),
        chunk("0o17"),
        chunk("\u2028\x85\ufeff\U0001f600"),
        chunk("{{ x }}"),
    )
    with recording(tmp_path, streaming(*frames, DONE)) as (_above, served):
        bodies = [chat(served.origin, key, stream=True).body for key in ("sk-one", "sk-two")]
    assert bodies == [b"".join(frames) + DONE] * 2


def test_recorded_times_are_those_at_which_frames_arrived(tmp_path: Path) -> None:
    with recording(tmp_path, streaming(HELLO[0], DONE), clock="fixed:1") as (_above, served):
        chat(served.origin, stream=True)
    (path,) = tmp_path.glob("*.yaml")
    assert path.read_text().count('- {"at":0.0,') == 2


def test_the_path_names_the_model_if_azures_body_does_not(serve: Serve, tmp_path: Path) -> None:
    body = b'{"messages": [{"role": "user", "content": "x"}]}'
    headers = {"content-type": "application/json", "api-key": "mine"}
    with recording(tmp_path, counting()) as (above, served):
        for key, name in (("mine", "one"), ("mine", "two"), ("yours", "one")):
            path = f"/openai/deployments/{name}/chat/completions"
            assert ask(served.origin, "POST", path, body, headers | {"api-key": key}).status == 200
    assert len(above.received) == 2
    assert [name.split("-")[0] for name in recording_names(tmp_path)] == ["one", "two"]


ENCODINGS: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_compressed_answers_are_passed_on_unchanged_and_recorded_decompressed(tmp_path: Path, encoding: str) -> None:
    packed = ENCODINGS[encoding](b"".join(HELLO))
    pieces = [packed[at : at + 10] for at in range(0, len(packed), 10)]
    headers = [*STREAM, (b"content-encoding", encoding.encode())]
    with recording(tmp_path, streaming(*pieces, headers=headers)) as (_above, served):
        first = chat(served.origin, stream=True)
        replayed = chat(served.origin, "sk-another", stream=True)
    assert (first.body, first.headers["content-encoding"]) == (packed, encoding)
    assert replayed.body == b"".join(HELLO)
    assert "content-encoding" not in replayed.headers


def test_a_recorder_asks_only_for_encodings_that_it_can_undo(tmp_path: Path) -> None:
    body = b'{"model": "m", "messages": []}'
    with recording(tmp_path, counting(), "rerecord") as (above, served):
        for accepted in ("gzip, deflate, br, zstd", "br", "identity"):
            headers = {"content-type": "application/json", "authorization": "Bearer x", "accept-encoding": accepted}
            ask(served.origin, "POST", PATH, body, headers)
        with httpx2.Client(headers={"accept-encoding": ""}) as client:
            client.headers.pop("accept-encoding")
            client.post(f"{served.base_url}/chat/completions", content=body, headers={"authorization": "Bearer x"})
    assert [asked.header("accept-encoding") for asked in above.received] == ["gzip", "identity", "identity", None]


@pytest.mark.parametrize("encoding", [b"br", b"gzip"])
def test_an_answer_that_cannot_be_decompressed_is_passed_on_and_not_recorded(
    tmp_path: Path, encoding: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    headers = [*JSON, (b"content-encoding", encoding)]
    with recording(tmp_path, answering(200, headers, b"not packed")) as (above, served):
        assert [chat(served.origin).body for _ in range(2)] == [b"not packed"] * 2
        journal = asyncio.run(served.app.journal.entries("sk-test"))
    assert len(above.received) == 2
    assert recording_names(tmp_path) == []
    assert journal[0].get("not_recorded", "") == "its content encoding cannot be undone"
    assert "passed an answer on without recording it" in caplog.text


def test_a_request_that_is_not_a_json_object_is_passed_on_and_not_recorded(tmp_path: Path) -> None:
    headers = {"content-type": "application/json", "authorization": "Bearer sk-test"}
    deep = b'{"messages": ' + b"[" * 900 + b"]" * 900 + b"}"
    with recording(tmp_path, counting(status=400)) as (above, served):
        for body in (b"[1]", b"{", deep):
            assert ask(served.origin, "POST", PATH, body, headers).status == 400
            assert above.received[-1].body == body
    assert recording_names(tmp_path) == []


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
def test_a_transient_error_is_replaced_by_the_answer_to_a_retry(serve: Serve, tmp_path: Path, status: int) -> None:
    with recording(tmp_path, answering(status, JSON, b"{}")) as (above, served):
        assert chat(served.origin).status == status
        with serve(recordings=tmp_path) as replaying:
            assert chat(replaying.origin).status == status
        above.behaviour = answering(200, JSON, COMPLETION)
        assert chat(served.origin).body == COMPLETION
        above.behaviour = answering(500, JSON, b"{}")
        assert chat(served.origin, "sk-another").body == COMPLETION
    assert len(above.received) == 2


def test_failures_to_reach_the_upstream_are_not_recorded(tmp_path: Path) -> None:
    async def hang(answer: Responder) -> None:
        await answer.left()

    with recording(tmp_path, hang, upstream_timeout=0.2) as (_above, served):
        assert chat(served.origin).status == 504
    assert recording_names(tmp_path) == []


def test_an_answer_that_breaks_off_is_not_recorded(tmp_path: Path) -> None:
    async def cut(answer: Responder) -> None:
        await answer.head(200, [*STREAM, (b"content-length", b"9999")])
        await answer.piece(HELLO[0])

    with recording(tmp_path, cut) as (_above, served), pytest.raises(httpx2.RemoteProtocolError):
        httpx2.post(
            f"{served.base_url}/chat/completions",
            json={"model": "gpt-4o", "messages": []},
            headers={"authorization": "Bearer sk-test"},
        )
    assert recording_names(tmp_path) == []


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_recording_is_on_disk_before_the_last_bytes_leave_if_the_stream_took_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    monkeypatch.setattr("chatdouble_backends.upstream.recorder._PATIENCE", 1e6)  # as if it had taken days
    seen: list[int] = []
    frames = [frame.replace(b"\n", end) for frame in HELLO]

    async def behave(answer: Responder) -> None:
        await answer.head(200, STREAM)
        for frame in frames:
            await answer.piece(frame)
        await answer.left()

    with (
        recording(tmp_path, behave) as (_above, served),
        httpx2.stream(
            "POST",
            f"{served.base_url}/chat/completions",
            json={"model": "gpt-4o", "messages": [], "stream": True},
            headers={"authorization": "Bearer sk-test"},
        ) as response,
    ):
        body = b""
        for data in response.iter_raw():
            body += data
            if body.endswith(frames[-1]):
                seen.append(len(recording_names(tmp_path)))
                break
    assert seen == [1]


def test_an_answer_that_is_too_long_is_passed_on_and_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatdouble_backends.upstream.recorder.LARGEST", 1000)
    body = b"x" * 2000
    with recording(tmp_path, answering(200, JSON, body)) as (_, served):
        assert [chat(served.origin).body for _ in range(2)] == [body, body]
        journal = asyncio.run(served.app.journal.entries("sk-test"))
    assert journal[0].get("not_recorded", "") == "it has more than 1000 bytes"
    assert recording_names(tmp_path) == []


@pytest.mark.parametrize("depth", [100, 250, 300, 900, 5000])
def test_an_answer_of_any_depth_is_recorded_without_its_secrets(tmp_path: Path, depth: int) -> None:
    key = b"sk-abcDEF0123456789abcDEF"
    body = b'{"a": "%b", "b": %b%b}' % (key, b"[" * depth, b"]" * depth)
    with recording(tmp_path, answering(200, JSON, body)) as (_, served):
        assert chat(served.origin).body == body
        assert chat(served.origin, "sk-another").body in (
            hidden := body.replace(key, b"[secret]"),
            hidden.replace(b" ", b""),
        )


@pytest.mark.parametrize("depth", [100, 200, 250, 300, 900, 5000])
def test_a_request_of_any_depth_is_answered(tmp_path: Path, depth: int) -> None:
    body = b'{"model": "m", "messages": %b%b}' % (b"[" * depth, b"]" * depth)
    with recording(tmp_path, counting(status=400)) as (above, served):
        for _ in range(2):
            assert ask(served.origin, "POST", PATH, body, SAYS_JSON).status == 400
    assert above.received[0].body == body


def test_an_unwritable_folder_is_reported_in_the_journal(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with recording(folder, counting()) as (_, served):
        folder.rmdir()
        folder.write_text("now a file")
        assert [chat(served.origin).body for _ in range(2)] == [b'{"n": 1}', b'{"n": 2}']
        journal = asyncio.run(served.app.journal.entries("sk-test"))
    assert str(folder) in journal[0].get("not_recorded", "")
