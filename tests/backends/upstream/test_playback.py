"""Recordings as answers: near misses, edited recordings, replay speed."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from calls import call
from chatdouble.backend import Call, Options, Relay
from chatdouble.core.errors import APIError
from chatdouble.recordings.recordings import Recordings
from chatdouble_backends.upstream import make
from chatdouble_backends.upstream.playback import Playback, RecordableCall, recordable
from conftest import Serve
from raw import chat
from scripting import echoing
from upstreams import HELLO, JSON, answering, counting, recording, streaming


def test_an_unmatched_request_gets_the_nearest_recordings_and_their_differences(serve: Serve, tmp_path: Path) -> None:
    long = "word " * 60
    with recording(tmp_path, counting()) as (_above, served):
        chat(served.origin, messages=[{"role": "user", "content": f"{long} cats"}], seed=1)
        chat(served.origin, messages=[{"role": "user", "content": "another thing"}], model="gpt-4.1")
    with serve(recordings=tmp_path) as served:
        miss = chat(served.origin, messages=[{"role": "user", "content": f"{long} dogs"}], seed=1)
        journal = asyncio.run(served.app.journal.entries("sk-test"))
    assert (miss.status, miss.error["code"], miss.headers["x-should-retry"]) == (404, "no_rule_matched", "false")
    first = miss.error["message"].split("\n")[2:5]
    assert "gpt-4o-word-word" in first[0]
    assert first[0].endswith("failed at request.messages[0].content")
    assert "cats" in first[1]
    assert "dogs" in first[2]
    assert journal[0].get("near_misses", [])[0]["condition"] == "request.messages[0].content"


def test_edited_recordings_and_handwritten_rules_answer_too(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, counting()) as (_above, served):
        chat(served.origin, messages=[{"role": "user", "content": "hello"}])
        (path,) = tmp_path.glob("*.yaml")
        path.write_text(path.read_text().replace("content: hello", "content: hello there"))
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "own.yaml").write_text("- {when: {user: ping}, reply: pong}\n")
    with serve(recordings=tmp_path) as served:
        assert chat(served.origin, messages=[{"role": "user", "content": "hello there"}]).body == b'{"n": 1}'
        assert b"pong" in chat(served.origin, messages=[{"role": "user", "content": "ping"}]).body
        assert chat(served.origin, messages=[{"role": "user", "content": "hello"}]).status == 404


def test_recordings_work_in_the_script_backend(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, streaming(*HELLO)) as (_above, served):
        chat(served.origin, stream=True)
    with serve(scripts=(tmp_path,)) as served:
        assert chat(served.origin, stream=True).body == b"".join(HELLO)


def test_a_recording_cannot_use_the_upstream(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").write_text("- {reply: {upstream: true}}\n")
    with serve(recordings=tmp_path) as served:
        answer = chat(served.origin)
    assert (answer.status, answer.error["code"]) == (500, "script_error")


PACED = """
- when: {user: Hello}
  reply:
    recorded:
      status: 200
      headers: {content-type: text/event-stream}
      stream: [{at: 0.25, data: '1'}, {data: '2'}, {at: 2, data: '[DONE]'}]
- when: {user: Own}
  reply: {text: x, pace: {ttft: 1}}
"""


@pytest.fixture
def recordings(tmp_path: Path) -> Recordings:
    """Return recordings with a rule that has a pace."""
    (tmp_path / "paced.yaml").write_text(PACED)
    return Recordings(tmp_path)


def recorded_as(asked: Call, recordings: Recordings) -> RecordableCall:
    found = recordable(asked, recordings, ())
    assert found is not None
    return found


@pytest.mark.parametrize("speed", [1.0, 4.0])
async def test_a_recorded_pace_is_replayed_at_the_configured_speed(recordings: Recordings, speed: float) -> None:
    asked = call()
    reply = await Playback(recordings, echoing, speed).reply(recorded_as(asked, recordings))
    assert isinstance(reply, Relay)
    assert reply.paced
    assert [data async for data in reply.body] == [b"data: 1\n\n", b"data: 2\n\n", b"data: [DONE]\n\n"]
    pace = asked.delivery.wanted_pace
    assert pace is not None
    assert (pace.offsets, pace.speed) == ((0.25, 0.25, 2.0), speed)


async def test_at_speed_zero_there_is_no_pace(recordings: Recordings) -> None:
    asked = call()
    await Playback(recordings, echoing, 0).reply(recorded_as(asked, recordings))
    assert asked.delivery.wanted_pace is None


async def test_a_handwritten_pace_is_not_changed(recordings: Recordings) -> None:
    asked = call(messages="Own")
    await Playback(recordings, echoing, 0).reply(recorded_as(asked, recordings))
    pace = asked.delivery.wanted_pace
    assert pace is not None
    assert pace.ttft == 1


ERROR = "- {when: {user: Hello!}, reply: {error: {status: 403, message: no}}}\n"


def test_a_rule_that_replies_with_an_error_does_so_in_every_mode_that_reads(tmp_path: Path) -> None:
    (tmp_path / "no.yaml").write_text(ERROR)
    with recording(tmp_path, counting()) as (above, served):
        assert chat(served.origin).status == 403
    assert above.received == []


def test_an_edited_recording_counts_from_the_next_request_on(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, answering(200, JSON, b'{"n": 1}')) as (_, served):
        chat(served.origin)
    (path,) = tmp_path.glob("*.yaml")
    with serve(recordings=tmp_path) as served:
        assert chat(served.origin).body == b'{"n": 1}'
        path.write_text(path.read_text().replace('{"n": 1}', '{"n": 22}'))
        assert chat(served.origin).body == b'{"n": 22}'


def test_a_recording_edited_into_an_error_replies_with_it(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, counting()) as (_, served):
        chat(served.origin)
        (path,) = tmp_path.glob("*.yaml")
        path.write_text(ERROR)
        assert chat(served.origin).status == 403


async def test_a_request_that_cannot_be_recorded_matches_nothing(tmp_path: Path) -> None:
    backend = make(Options(recordings=tmp_path, other=echoing))
    with pytest.raises(APIError, match="not a JSON object") as missed:
        await backend.reply(replace(call(), raw=b"[1]"))
    assert (missed.value.status, missed.value.code) == (404, "no_rule_matched")
