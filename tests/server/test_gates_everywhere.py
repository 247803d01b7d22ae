"""Gates with relays, recordings, paces and faults, for many sessions at once, and on a server without connections."""

import asyncio
import gc
import json
import socket
from pathlib import Path
from typing import Any, Final

import pytest
import uvicorn
from openai import AsyncOpenAI

from chatdouble.server.application import create_app
from chatdouble.server.serving import config
from chatdouble.settings import Settings
from chatdouble.state.gates import Bell, Gate, Held
from conftest import Serve
from held import WORDS, Double, elsewhere, texts
from parts import long
from raw import post
from upstreams import HELLO, JSON, answering, chunk, recording, relaying, streaming, upstream

SESSIONS: Final = 200


def test_a_relayed_stream_stops_and_goes_on(serve: Serve, key: str) -> None:
    with serve() as above, serve(upstream=above.base_url, mode="passthrough") as served:
        double = Double(served, key)
        double.put(after_chunks=2)
        stream: Any = double.stream()
        heard = [next(stream), next(stream)]
        double.do("wait")
        double.do("release", chunks=1)
        heard.append(next(stream))
        double.do("release")
        assert texts(iter([*heard, *stream])) == ["", "one", " two", " three", " four", ""]


def test_a_relayed_answer_stops_and_the_upstreams_bytes_are_untouched(serve: Serve, key: str) -> None:
    with serve() as above, serve(upstream=above.base_url, mode="passthrough") as served:
        double = Double(served, key)
        asked: Any = {"model": "gpt-4o", "messages": [{"role": "user", "content": WORDS}]}
        plain = post(served.origin, asked, key)
        double.put()
        with elsewhere(post, served.origin, asked, key) as asking:
            double.do("wait")
            double.do("release")
            held = json.loads(asking.result().body)
        assert held["choices"] == json.loads(plain.body)["choices"]


def test_the_upstream_of_a_client_that_leaves_at_a_gate_is_left_too(key: str) -> None:
    left: list[str] = []

    async def endless(answer: Any) -> None:
        await answer.head(200, [(b"content-type", b"text/event-stream")])
        await answer.piece(chunk("first"))
        await answer.piece(chunk("second"))
        await answer.left()
        left.append(answer.request.path)

    with upstream(endless) as above, relaying(above) as served:
        double = Double(served, key)
        double.put(after_chunks=1)
        stream: Any = double.stream()
        next(stream)
        double.do("wait")
        stream.close()
        double.do("wait", client_left=True)
    assert left == ["/v1/chat/completions"]


def test_an_endpoint_that_is_only_relayed_stops_at_a_gate_that_names_it(key: str) -> None:
    with upstream(answering(200, JSON, b"{}")) as above, relaying(above) as served:
        double = Double(served, key)
        double.put("chats", before="first_byte")
        double.put("embeddings", when={"endpoint": "POST /embeddings", "body": {"$.input": "x"}})
        asked = {"input": "x", "model": "m"}
        with elsewhere(post, served.origin, asked, key, "/v1/embeddings") as asking:
            double.do("wait", "embeddings")
            assert double.show("chats")["waiting"] == []
            double.do("release", "embeddings")
            assert asking.result().status == 200


def test_a_replayed_stream_with_its_own_times_stops(tmp_path: Path, key: str) -> None:
    with recording(tmp_path, streaming(*HELLO)) as (_, served):
        texts(Double(served, key).stream())
    with recording(tmp_path, streaming(), mode="replay", replay_speed=1.0) as (_, served):
        double = Double(served, key)
        double.put(after_chunks=1)
        stream: Any = double.stream()
        assert next(stream).choices[0].delta.content == "Hel"
        double.do("wait")
        double.do("release")
        assert texts(stream) == ["lo", ""]
        assert double.entry()["gates"][0]["outcome"] == "released"


def test_paced_chunks_are_as_late_as_the_answer_was_held(double: Double) -> None:
    double.control("PUT", "pace", {"ttft": 0.01, "tokens_per_second": 100})
    double.put(after_chunks=2)
    stream: Any = double.stream()
    heard = [next(stream), next(stream)]
    double.do("wait")
    double.do("release")
    assert texts(iter([*heard, *stream])) == ["", "one", " two", " three", " four", ""]


@pytest.mark.parametrize(
    ("fault", "place", "before", "after"),
    [
        ("merged_frames", {"after_chunks": 2}, [], ["", "one", " two", " three", " four", ""]),
        ("split_frames", {"after_chunks": 2}, ["", "one"], [" two", " three", " four", ""]),
        (
            {"name": "slow_body", "bytes_per_second": 100_000},
            {"before": "done"},
            ["", "one"],
            [" two", " three", " four", ""],
        ),
        ("missing_done", {"before": "done"}, ["", "one", " two", " three", " four", ""], []),
        (
            {"name": "duplicate_chunk", "after_chunks": 1},
            {"after_chunks": 3},
            ["", "one", "one"],
            [" two", " three", " four", ""],
        ),
    ],
)
def test_chunks_are_counted_after_the_faults(
    double: Double, fault: Any, place: Any, before: list[str], after: list[str]
) -> None:
    double.control("PUT", "faults", fault)
    double.put(**place)
    with elsewhere(double.stream) as asking:
        if not before:  # not even the head has left
            double.do("wait")
            assert not asking.done()
            double.do("release")
        stream: Any = asking.result()
        heard = [next(stream).choices[0].delta.content or "" for _ in before]
        double.do("wait" if before else "release")
        double.do("release")
        assert [*heard, *texts(stream)] == [*before, *after]
    assert double.show()["released"] == 1


@pytest.mark.parametrize("name", ["disconnect", "stall"])
def test_a_fault_behind_the_gate_happens_after_the_release(double: Double, name: str) -> None:
    double.control("PUT", "faults", {"name": name, "after_chunks": 2})
    double.put(after_chunks=2)
    stream: Any = double.stream()
    assert [next(stream).choices[0].delta.content for _ in range(2)] == ["", "one"]
    double.do("wait")
    double.do("release")
    if name == "stall":
        stream.close()
    else:
        with pytest.raises(Exception, match="Connection error"):
            next(stream)
    assert double.show()["waiting"] == []


def alive() -> list[Gate | Held | Bell]:
    """Return the gates, held answers and bells that are in memory."""
    gc.collect()
    return [one for one in gc.get_objects() if isinstance(one, Gate | Held | Bell)]


async def converse(client: AsyncOpenAI, gates: Any, number: int) -> str:
    """Ask in a session of its own with a gate, and release the answer in a way that depends on the number."""
    key = f"sk-many-{number}"
    await gates.put(key, "g", {"after_chunks": 1 + number % 3, "timeout": 600})
    asked: Any = [{"role": "user", "content": f"{WORDS} {number}"}]
    mine = client.with_options(api_key=key)
    stream = await mine.chat.completions.create(model="gpt-4o", messages=asked, stream=True)
    await gates.wait(key, "g", {"timeout": 120})
    if number % 4 == 3:
        await stream.close()
        await gates.wait(key, "g", {"timeout": 120, "client_left": True})
        return ""
    given = {} if number % 4 else {"chunks": 1}
    await gates.release(key, "g", given)
    text = ""
    async for piece in stream:
        text += piece.choices[0].delta.content or ""
        if number % 4 == 0:
            await gates.release(key, "g", given)
    return text


@long
async def test_two_hundred_sessions_each_with_a_gate_leave_nothing_behind() -> None:
    # Gates of other tests could be collected meanwhile, and a new one get the id of an old one; this list keeps them.
    before = alive()
    app = create_app(Settings())
    server = uvicorn.Server(config(app))
    with socket.create_server(("127.0.0.1", 0), backlog=SESSIONS) as listening:
        serving = asyncio.create_task(server.serve([listening]))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        async with AsyncOpenAI(base_url=url, api_key="sk-many", max_retries=0, timeout=300) as client:
            gates = app.control.gates
            said = await asyncio.gather(*(converse(client, gates, number) for number in range(SESSIONS)))
        assert said == ["" if number % 4 == 3 else f"{WORDS} {number}" for number in range(SESSIONS)]
        while served := set(server.server_state.tasks):
            await asyncio.wait(served)
        served.clear()
        assert asyncio.all_tasks() == {asyncio.current_task(), serving}
        await app.control.reset("*")
        del client, said
        known = {id(one) for one in before}
        assert [one for one in alive() if id(one) not in known] == []
        server.should_exit = True
        await serving
