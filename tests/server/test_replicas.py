"""Two servers on one Redis are one double."""

# Redis-py's types are partial, and so are those of overloaded SDK calls.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportOptionalIterable=false, reportOptionalSubscript=false
# pyright: reportCallIssue=false, reportArgumentType=false

import asyncio
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import OpenAI, RateLimitError
from redis.asyncio import Redis

from chatdouble.settings import Settings
from chatdouble.state.redis_batches import Batches, Command
from chatdouble.state.redis_scripts import APPEND, ENTER, SWAP
from chatdouble.testing.server import RunningServer, running
from redis_servers import RedisServer, redis_server
from upstreams import COMPLETION, JSON, PATH, SAYS_JSON, Responder, relaying, upstream

SEQUENCE = """
rules:
  - when: {user: count}
    sequence: [one, two, three, four]
"""


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture(scope="module")
def replicas(redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[RunningServer]]:
    script = tmp_path_factory.mktemp("scripts") / "rules.yaml"
    script.write_text(SEQUENCE)
    settings = Settings(state=redis.url, scripts=(script,), unmatched="echo", validation="off")
    with ExitStack() as stack:
        yield [stack.enter_context(running(settings)) for _ in range(2)]


def client_of(server: RunningServer, key: str) -> OpenAI:
    return OpenAI(base_url=server.base_url, api_key=key, max_retries=0)


def said(client: OpenAI, user: str, **options: Any) -> str:
    made = client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": user}], **options)
    return str(made.choices[0].message.content)


def control(server: RunningServer, key: str, method: str, path: str, body: Any = None) -> Any:
    headers = {"authorization": f"Bearer {key}"}
    answer = httpx2.request(method, f"{server.origin}/_double{path}", headers=headers, json=body, timeout=60)
    assert answer.status_code < 300, answer.text
    return answer.json() if answer.content else None


def test_the_same_requests_get_the_same_answers_whichever_replica_gives_them(replicas: list[RunningServer]) -> None:
    with running(Settings(validation="off")) as alone:
        wanted = [said(client_of(alone, "sk-same"), "Hello", seed=number) for number in range(6)]
    spread = [said(client_of(replicas[number % 2], "sk-same"), "Hello", seed=number) for number in range(6)]
    assert spread == wanted


def test_sessions_spread_at_random_keep_their_sequences_turns_queues_and_limits(replicas: list[RunningServer]) -> None:
    chance = random.Random(7)
    keys = [f"sk-spread-{number}" for number in range(40)]
    clients = {(at, key): client_of(replica, key) for at, replica in enumerate(replicas) for key in keys}

    def one_session(key: str) -> tuple[list[str], list[str], list[str]]:
        pick = random.Random(key)
        anywhere = [pick.randrange(2) for _ in range(12)]
        counted = [said(clients[at, key], "count") for at in anywhere[:4]]
        control(replicas[anywhere[4]], key, "POST", "/queue", [f"{key} {number}" for number in range(3)])
        queued = [said(clients[at, key], "next") for at in anywhere[5:8]]
        turns = [{"reply": f"{key} turn {number}"} for number in range(2)]
        control(replicas[anywhere[8]], key, "POST", "/script", {"turns": turns})
        talked = [said(clients[at, key], "talk") for at in anywhere[9:11]]
        return counted, queued, talked

    chance.shuffle(keys)
    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(keys, pool.map(one_session, keys), strict=True))
    for key, (counted, queued, talked) in found.items():
        assert counted == ["one", "two", "three", "four"]
        assert queued == [f"{key} {number}" for number in range(3)]
        assert talked == [f"{key} turn {number}" for number in range(2)]


def test_parallel_requests_of_one_session_never_take_the_same_reply(replicas: list[RunningServer]) -> None:
    key = "sk-parallel"
    control(replicas[0], key, "POST", "/queue", [f"reply {number}" for number in range(40)])
    clients = [client_of(replica, key) for replica in replicas]
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda number: said(clients[number % 2], "next"), range(40))]
    assert Counter(found) == Counter(f"reply {number}" for number in range(40))
    entries = control(replicas[1], key, "GET", "/requests")["data"]
    assert sorted(entry["ordinal"] for entry in entries) == [*range(1, 41)]


def test_a_limit_counts_what_all_replicas_let_in(replicas: list[RunningServer]) -> None:
    key = "sk-limited"
    control(replicas[0], key, "PUT", "/limits", {"requests_per_day": 5})
    clients = [client_of(replica, key) for replica in replicas]

    def admitted(number: int) -> bool:
        try:
            said(clients[number % 2], "Hello")
        except RateLimitError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(admitted, range(16))].count(True) == 5


def test_gates_that_are_set_at_a_time_are_no_more_than_may_be(redis: RedisServer) -> None:
    settings = Settings(state=f"{redis.url}&prefix=bounded", max_gates=3, log_level="error")
    with ExitStack() as stack:
        both = [stack.enter_context(running(settings)) for _ in range(2)]

        def put(number: int) -> int:
            url = f"{both[number % 2].origin}/_double/gates/g{number}"
            return httpx2.put(url, headers={"authorization": "Bearer sk-test"}, json={}, timeout=60).status_code

        with ThreadPoolExecutor(8) as pool:
            assert Counter(pool.map(put, range(24))) == {200: 3, 400: 21}
        assert len(control(both[0], "sk-test", "GET", "/gates")["data"]) == 3


def test_a_gate_of_one_replica_holds_and_releases_an_answer_of_another(replicas: list[RunningServer]) -> None:
    first, second, key = *replicas, "sk-gated"
    control(first, key, "PUT", "/gates/door", {"timeout": 60})
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(said, client_of(second, key), "Hello", stream=False)
        assert len(control(first, key, "POST", "/gates/door/wait", {"timeout": 60})["waiting"]) == 1
        assert control(first, key, "GET", "/requests")["data"][0]["ended"] == "in flight"
        assert not held.done()
        shown = control(first, key, "POST", "/gates/door/release", {"answers": 1})
        assert (shown["waiting"], shown["released"]) == ([], 1)
        assert held.result(60)
    control(first, key, "DELETE", "/gates/door")
    assert said(client_of(second, key), "Hello")


def test_a_request_in_flight_at_another_replica_may_have_what_is_no_unicode(redis: RedisServer) -> None:
    body = b'{"model": "m", "messages": [{"role": "user", "content": "\\ud800"}], "seed": 18446744073709551616}'
    arrived, go_on = threading.Event(), threading.Event()

    async def held(response: Responder) -> None:
        arrived.set()
        await asyncio.to_thread(go_on.wait, 60)
        await response.whole(200, JSON, COMPLETION)

    with upstream(held) as above, ExitStack() as stack:
        state = f"{redis.url}&prefix=relayed"
        first, second = (stack.enter_context(relaying(above, state=state, validation="off")) for _ in range(2))
        connection = HTTPConnection(second.origin.removeprefix("http://"), timeout=60)
        connection.request("POST", PATH, body, SAYS_JSON)
        assert arrived.wait(60)
        (entry,) = control(first, "sk-test", "GET", "/requests")["data"]
        go_on.set()
        assert (entry["ended"], entry["request"]) == ("in flight", json.loads(body))
        assert connection.getresponse().status == 200
        connection.close()


def test_a_rule_for_all_sessions_holds_at_once_in_every_replica(redis: RedisServer) -> None:
    settings = Settings(state=f"{redis.url}&prefix=ruled", control_key="sk-control", validation="off")
    with running(settings) as first, running(settings) as second:
        rule = {"rule": {"when": {"user": "ping"}, "reply": "pong"}}
        control(first, "sk-control", "POST", "/rules?session=*", rule)
        assert said(client_of(second, "sk-any"), "ping") == "pong"
        with running(settings) as later:
            assert said(client_of(later, "sk-other"), "ping") == "pong"


def test_a_wait_for_requests_sees_those_of_another_replica(replicas: list[RunningServer]) -> None:
    first, second, key = *replicas, "sk-waited"
    with ThreadPoolExecutor(1) as pool:
        waited = pool.submit(control, first, key, "POST", "/requests/wait", {"count": 2, "timeout": 60})
        said(client_of(second, key), "Hello")
        said(client_of(first, key), "Hello")
        assert waited.result(60)["count"] == 2


def test_a_key_that_looks_real_and_a_secret_in_a_message_never_reach_redis(
    replicas: list[RunningServer], redis: RedisServer, tmp_path: Path
) -> None:
    key = "sk-proj-" + "Ab3dEf6hIj9k" * 4
    secret = "ghp_" + "Zy8wVu5tSr2q" * 3
    client = client_of(replicas[0], key)
    said(client, f"My token is {secret}", store=True)
    conversation = client.conversations.create(items=[{"role": "user", "content": f"Keep {secret}"}])
    asked = client.responses.create(model="gpt-4.1", input=f"Use {secret}", conversation=conversation.id)
    assert client.responses.retrieve(asked.id).id == asked.id
    kept = _everything(redis)
    assert conversation.id.encode() in kept
    assert asked.id.encode() in kept
    assert key.encode() not in kept
    assert secret.encode() not in kept


def _everything(redis: RedisServer) -> bytes:
    """Return all that a Redis holds."""

    async def read() -> bytes:
        async with Redis(port=redis.port) as client:
            execute: Callable[..., Awaitable[Any]] = client.execute_command
            found = b""
            for name in await execute("KEYS", "*"):
                kind = await execute("TYPE", name)
                reading = {b"hash": ("HGETALL", name), b"zset": ("ZRANGE", name, 0, -1)}
                read = reading.get(kind, ("GET", name))
                found += name + repr(await execute(*read)).encode()
            return found

    return asyncio.run(read())


def test_a_request_makes_two_round_trips_before_its_answer_and_one_after_it(
    replicas: list[RunningServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, client = "sk-measured", client_of(replicas[0], "sk-measured")
    said(client, "Hello")  # the first one learns the state of the rate limits
    control(replicas[0], key, "GET", "/requests")
    trips: list[str] = []
    send = Batches.send

    def counted(self: Batches, commands: Sequence[Command]) -> Coroutine[Any, Any, Sequence[Any]]:
        trips.append(str(commands[0][1]))
        return send(self, commands)

    monkeypatch.setattr(Batches, "send", counted)
    said(client, "Hello")
    for _ in range(1000):  # the journal is written when the answer has left
        if len(trips) >= 3:
            break
        time.sleep(0.01)
    assert trips == [ENTER.sha, SWAP.sha, APPEND.sha]
