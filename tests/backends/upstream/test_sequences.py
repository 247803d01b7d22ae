"""The same request asked again: its answers are recorded in order, and replayed in order to each session."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import chat, control
from upstreams import DONE, JSON, Behaviour, Responder, answering, chunk, counting, recording, recording_names


def numbers(served: RunningServer, count: int, key: str = "sk-test") -> list[int]:
    """Return the numbers in the answers to the same request, asked a number of times."""
    return [orjson.loads(chat(served.origin, key).body)["n"] for _ in range(count)]


def sampling(served: RunningServer, key: str, count: int) -> list[str]:
    """Return the texts that the official client streams, one for each request."""
    with OpenAI(base_url=served.base_url, api_key=key, max_retries=0) as client:
        texts: list[str] = []
        for _ in range(count):
            chunks = client.chat.completions.create(
                model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}], stream=True
            )
            texts.append("".join(chunk.choices[0].delta.content or "" for chunk in chunks))
        return texts


def counting_stream() -> Behaviour:
    """Return a behaviour that streams each request's number."""
    count: Iterator[int] = iter(range(1, 100))

    async def behave(answer: Responder) -> None:
        await answer.stream([chunk("take "), chunk(str(next(count))), DONE])

    return behave


@pytest.mark.parametrize("mode", ["record", "rerecord"])
def test_each_session_gets_the_answers_in_the_order_in_which_they_were_recorded(
    serve: Serve, tmp_path: Path, mode: str
) -> None:
    with recording(tmp_path, counting(), mode) as (_, served):
        assert numbers(served, 3) == [1, 2, 3]
    assert len(recording_names(tmp_path)) == 1
    with serve(recordings=tmp_path) as served:
        assert numbers(served, 2, "sk-one") == [1, 2]
        assert numbers(served, 4, "sk-two") == [1, 2, 3, 3]
        assert numbers(served, 2, "sk-one") == [3, 3]
        control(served, "sk-one", "POST", "reset")
        assert numbers(served, 2, "sk-one") == [1, 2]


def test_streams_are_replayed_in_order_to_the_official_client(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, counting_stream()) as (_, served):
        assert sampling(served, "sk-a", 3) == ["take 1", "take 2", "take 3"]
    with serve(recordings=tmp_path) as served:
        assert sampling(served, "sk-b", 2) == ["take 1", "take 2"]
        assert sampling(served, "sk-c", 3) == ["take 1", "take 2", "take 3"]


@pytest.mark.parametrize(("end", "answers"), [("stay", [1, 2, 2, 2]), ("loop", [1, 2, 1, 2])])
def test_the_folder_configures_the_end(serve: Serve, tmp_path: Path, end: str, answers: list[int]) -> None:
    (tmp_path / "recordings.toml").write_text(f'then = "{end}"')
    with recording(tmp_path, counting()) as (_, served):
        numbers(served, 2)
    with serve(recordings=tmp_path) as served:
        assert numbers(served, 4) == answers


@pytest.mark.parametrize("count", [1, 2])
def test_unmatched_after_the_last_answer(serve: Serve, tmp_path: Path, count: int) -> None:
    (tmp_path / "recordings.toml").write_text('then = "unmatched"')
    with recording(tmp_path, counting()) as (_, served):
        numbers(served, count)
    with serve(recordings=tmp_path) as served:
        assert numbers(served, count) == [1, 2][:count]
        over = chat(served.origin)
        assert (over.status, over.error["code"]) == (404, "no_rule_matched")
        assert f"at most {count} answers in a session" in over.error["message"]


def test_record_replays_what_is_there_and_adds_what_is_not(tmp_path: Path) -> None:
    with recording(tmp_path, counting()) as (above, served):
        assert numbers(served, 2, "sk-one") == [1, 2]
        assert numbers(served, 3, "sk-two") == [1, 2, 3]
        assert numbers(served, 2, "sk-one") == [3, 4]
        assert len(above.received) == 4
    with recording(tmp_path, counting()) as (above, served):
        assert numbers(served, 5) == [1, 2, 3, 4, 1]
        assert len(above.received) == 1


def test_rerecord_drops_the_answers_of_earlier_runs(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, counting()) as (_, served):
        numbers(served, 3)
    with recording(tmp_path, counting(), "rerecord") as (_, served):
        numbers(served, 1, "sk-warm-up")
        assert numbers(served, 2) == [2, 3]
    with serve(recordings=tmp_path) as served:
        assert numbers(served, 3) == [2, 3, 3]


def test_the_answer_to_a_retry_takes_the_place_of_the_error(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, counting()) as (above, served):
        assert numbers(served, 1) == [1]
        good, above.behaviour = above.behaviour, answering(429, JSON, b"{}")
        assert [chat(served.origin).status for _ in range(2)] == [429, 429]
        above.behaviour = good
        assert numbers(served, 2) == [2, 3]
    with serve(recordings=tmp_path) as served:
        assert numbers(served, 3) == [1, 2, 3]


def test_parallel_requests_are_all_kept(serve: Serve, tmp_path: Path) -> None:
    with recording(tmp_path, counting()) as (_, served), ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(numbers, served, 1) for _ in range(5)]
        recorded = sorted(number for one in asked for number in one.result())
    with serve(recordings=tmp_path) as served, ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(numbers, served, 1) for _ in range(5)]
        assert sorted(number for one in asked for number in one.result()) == recorded == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("mode", ["record", "rerecord"])
def test_an_answer_about_the_key_is_never_kept(
    tmp_path: Path, mode: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    with recording(tmp_path, answering(status, JSON, b'{"error": {}}'), mode) as (above, served):
        assert [chat(served.origin).status for _ in range(2)] == [status] * 2
        assert recording_names(tmp_path) == []
        journal = asyncio.run(served.app.journal.entries("sk-test"))
        assert journal[0].get("not_recorded", "") == f"the upstream refused the key ({status})"
        above.behaviour = counting()
        assert numbers(served, 2, "sk-right") == [1, 2]
        assert numbers(served, 1) == ([1] if mode == "record" else [3])
    assert f"the upstream refused the key ({status})" in caplog.text
