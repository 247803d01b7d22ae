"""A Redis that cannot be used costs a 503 within its time, and nothing else."""

import asyncio
import logging
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from openai import InternalServerError, OpenAI

from chatdouble.settings import Settings
from chatdouble.state.redis_store import RedisStore
from chatdouble.testing.server import RunningServer, running
from redis_servers import RedisServer, redis_server


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path, "--appendonly", "yes", "--appendfsync", "always") as started:
        yield started


def ask(client: OpenAI, text: str = "Hello") -> str:
    made = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])
    return str(made.choices[0].message.content)


def until_ready(server: RunningServer) -> None:
    for _ in range(1000):
        if httpx2.get(f"{server.origin}/ready", timeout=60).status_code == 200:
            return
    raise AssertionError("the server was not ready again")


def refused(client: OpenAI) -> InternalServerError:
    with pytest.raises(InternalServerError) as caught:
        ask(client)
    return caught.value


def test_while_redis_is_away_requests_get_a_503_and_after_it_everything_goes_on(
    redis: RedisServer, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    with running(Settings(state=redis.url, validation="off")) as server:
        client = OpenAI(base_url=server.base_url, api_key=key, max_retries=0)
        control = {"authorization": f"Bearer {key}"}
        httpx2.post(f"{server.origin}/_double/queue", json=["kept"], headers=control, timeout=60)
        with caplog.at_level(logging.WARNING, "chatdouble"):
            redis.kill()
            error = refused(client)
            assert error.status_code == 503
            assert error.code == "state_unavailable"
            assert error.response.headers["x-should-retry"] == "true"
            assert "cannot be reached" in error.message
            assert httpx2.get(f"{server.origin}/health", timeout=60).status_code == 200
            ready = httpx2.get(f"{server.origin}/ready", timeout=60)
            assert ready.status_code == 503
            assert "cannot be reached" in ready.json()["reason"]
            refused(client)
            told = httpx2.get(f"{server.origin}/metrics", timeout=60).text
            assert re.search(r"^chatdouble_store_failures_total [1-9]", told, re.MULTILINE)
            assert re.search(r"^chatdouble_store_seconds_count [1-9]", told, re.MULTILINE)
            assert re.search(
                r'^chatdouble_refusals_total\{code="state_unavailable",status="503"\} 2.0$', told, re.MULTILINE
            )
            redis.start()
            until_ready(server)
        assert ask(client) == "kept"
        lines = [one.getMessage() for one in caplog.records if one.getMessage().startswith("state:")]
        assert len(lines) == 2
        assert lines[1].endswith("it is back")


def test_a_stream_that_has_begun_finishes_without_redis(redis: RedisServer, key: str) -> None:
    with running(Settings(state=redis.url, validation="off")) as server:
        client = OpenAI(base_url=server.base_url, api_key=key, max_retries=0)
        control = {"authorization": f"Bearer {key}"}
        gate = f"{server.origin}/_double/gates/door"
        httpx2.put(gate, json={"after_chunks": 2, "timeout": 1}, headers=control, timeout=60)
        create = client.chat.completions.create
        with create(model="gpt-4o", messages=[{"role": "user", "content": "one two three"}], stream=True) as stream:
            chunks = iter(stream)
            begun = [next(chunks)]
            redis.kill()
            rest = [*chunks]
        assert [*begun, *rest][-1].choices[0].finish_reason == "stop"
        redis.start()
        until_ready(server)
        ask(client)
        # What could not be written while Redis was away is written soon after.
        wait, both = f"{server.origin}/_double/requests/wait", {"count": 2, "timeout": 60}
        entries = httpx2.post(wait, json=both, headers=control, timeout=90).json()["data"]
        assert [entry["ended"] for entry in entries] == ["completed", "completed"]


def test_a_redis_that_stops_answering_is_not_waited_for(redis: RedisServer, key: str) -> None:
    url = redis.url.replace("timeout=60", "timeout=0.3")
    with running(Settings(state=url, validation="off")) as server:
        client = OpenAI(base_url=server.base_url, api_key=key, max_retries=0, timeout=60)
        until_ready(server)
        redis.send(signal.SIGSTOP)
        with ThreadPoolExecutor(4) as pool:
            errors = [*pool.map(refused, [client] * 8)]
        assert {error.status_code for error in errors} == {503}
        assert all("did not answer in time" in error.message for error in errors)
        redis.send(signal.SIGCONT)
        until_ready(server)
        assert ask(client)


@pytest.mark.parametrize(
    ("options", "login", "reason"),
    [
        (["--requirepass", "right"], ":wrong@", "does not accept the user name and password"),
        (["--requirepass", "right"], "", "does not accept the user name and password"),
        (["--replicaof", "127.0.0.1 1"], "", "read-only replica"),
        (["--maxmemory", "1"], "", "out of memory"),
    ],
)
async def test_what_is_wrong_with_redis_is_one_clear_line(
    tmp_path: Path, options: list[str], login: str, reason: str
) -> None:
    with redis_server(tmp_path, *options) as redis:
        store = RedisStore(redis.url.replace("redis://", f"redis://{login}"))
        told = await store.ready()
        assert told is not None
        assert reason in told
        assert "wrong" not in told
        assert "\n" not in told
        await store.aclose()


async def test_an_older_redis_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with redis_server(tmp_path) as redis:
        store = RedisStore(redis.url)
        monkeypatch.setattr("chatdouble.state.redis_store.OLDEST", (99, 0))
        told = await store.ready()
        assert told is not None
        assert "older than 99.0" in told
        await store.aclose()


async def test_nothing_acknowledged_is_lost_when_redis_is_killed(redis: RedisServer) -> None:
    store = RedisStore(redis.url)
    acknowledged = [await store.increment("s", "n") for _ in range(20)]
    await store.push("s", "queue", "reply", keep=10)
    redis.kill()
    redis.start()
    for _ in range(1000):
        if await store.ready() is None:
            break
        await asyncio.sleep(0.01)
    assert await store.get("s", "n") == acknowledged[-1]
    assert await store.items("s", "queue") == ["reply"]
    await store.aclose()
