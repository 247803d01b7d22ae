"""The Redis store does what the memory store does, and stays within its bounds."""

# Redis-py's types are partial.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownLambdaType=false, reportOptionalIterable=false, reportOptionalSubscript=false

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chatdouble.state.bounds import Bounds
from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.redis_store import LAYOUT, RedisStore
from parts import portion
from redis_servers import RedisServer, redis_server

SESSIONS = ("a", "b}", "{c} \u00e9", "100%")
NAMES = ("hits:x", "hits:y", "other", "a\u00e9")


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture
async def store(redis: RedisServer) -> AsyncIterator[RedisStore]:
    made = RedisStore(redis.url)
    await made.clear(None)
    yield made
    await made.aclose()


texts = st.sampled_from(["", "one", "\u00e9\U0001f600"]) | st.text(max_size=5)
numbers = st.integers(-(2**70), 2**70) | st.sampled_from([0.5, 1e300, -2.25])
plain = st.none() | st.booleans() | numbers | texts
lists = st.lists(plain, max_size=3)
documents = plain | lists | st.dictionaries(texts, plain | lists, max_size=3)
values = documents.filter(lambda one: one is not None) | st.binary(max_size=20)
sessions, names, kept = st.sampled_from(SESSIONS), st.sampled_from(NAMES), st.just("kept")
steps = st.one_of(
    st.tuples(st.just("get"), sessions, names),
    st.tuples(st.just("put"), sessions, names, st.none() | values),
    st.tuples(st.just("swap"), sessions, names, st.none() | st.just("held"), st.none() | values),
    st.tuples(st.just("increment"), sessions, st.sampled_from(["n:1", "n:2"]), st.integers(-3, 3)),
    st.tuples(st.just("enter"), sessions, st.just("requests"), names),
    st.tuples(st.just("retain"), sessions, kept, st.just(["whole"]), st.just(1), st.just({"p:1": 1, "p:2": [2]})),
    st.tuples(st.just("retain"), sessions, kept, st.none() | values, st.just(1)),
    st.tuples(st.just("retain"), sessions, st.just("also"), st.none() | values, st.just(1), st.just({"p:2": "also"})),
    st.tuples(st.just("rotate"), sessions, st.just("newest"), values, st.integers(1, 3)),
    st.tuples(st.just("push"), sessions, st.sampled_from(["q", "r"]), values, st.integers(1, 4)),
    st.tuples(st.just("remove"), sessions, st.sampled_from(["q", "r"]), st.just("held") | values),
    st.tuples(st.just("items"), sessions, st.sampled_from(["q", "r"])),
    st.tuples(st.just("names"), sessions, st.sampled_from(["", "hits:", "n:", "p:"])),
    st.tuples(st.just("drop"), sessions, st.sampled_from(["q", "r"])),
    st.tuples(st.just("clear"), st.none() | sessions),
)


async def _perform(store: Any, step: tuple[Any, ...], held: Any) -> Any:
    """Do a step; `held` stands for a value that the memory store has there."""
    name, *arguments = step
    return await getattr(store, name)(*(held if one == "held" else one for one in arguments))


@settings(
    max_examples=portion(60),
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, max_size=25))
async def test_every_step_does_what_it_does_in_memory(redis: RedisServer, given_steps: list[tuple[Any, ...]]) -> None:
    shared, memory = RedisStore(redis.url), MemoryStore()
    try:
        await shared.clear(None)
        for step in given_steps:
            held = None
            if step[0] == "swap":
                held = await memory.get(*step[1:3])
            elif step[0] == "remove":
                held = next(reversed(await memory.items(*step[1:3])), 0)
            assert await _perform(shared, step, held) == await _perform(memory, step, held), step
        for session in SESSIONS:
            for name in await memory.names(session, ""):
                assert await shared.get(session, name) == await memory.get(session, name)
            for name in ("q", "r"):
                assert await shared.items(session, name) == await memory.items(session, name)
        having = [one for one in SESSIONS if [*await memory.names(one, ""), *await memory.items(one, "q")]]
        assert {*having} <= {*await shared.sessions()} <= {*await memory.sessions()}
    finally:
        await shared.aclose()


async def test_a_list_drops_its_oldest_beyond_a_number_and_beyond_bytes(redis: RedisServer, store: RedisStore) -> None:
    small = RedisStore(redis.url, bounds=Bounds(list_bytes=100))
    for number in range(5):
        await small.keep("s", "journal", number, 40, 10)
    assert await small.items("s", "journal") == [3, 4]
    await small.keep("s", "journal", "huge", 1000, 10)
    assert await small.items("s", "journal") == ["huge"]
    for number in range(5):
        await small.keep("s", "journal", number, 1, 3)
    assert await small.items("s", "journal") == [2, 3, 4]
    await small.drop("s", "journal")
    assert await small.items("s", "journal") == []
    assert small.dropped["entries"] == 8
    await small.aclose()


async def test_the_session_that_was_idle_longest_makes_way(redis: RedisServer, store: RedisStore) -> None:
    small = RedisStore(redis.url, bounds=Bounds(sessions=3))
    await small.put("\0everyone", "rules", 1)
    for name in ("one", "two", "one", "three"):
        await small.enter(name, "requests", "overrides")
        await asyncio.sleep(0.002)  # the store orders uses by the millisecond
    assert await small.sessions() == ["\0everyone", "one", "three"]
    assert await small.get("\0everyone", "rules") == 1
    assert small.dropped["sessions"] == 1
    await small.aclose()


async def test_a_session_that_nobody_uses_expires_whole(redis: RedisServer, store: RedisStore) -> None:
    short = RedisStore(redis.url, ttl=0.05)
    await short.put("s", "x", 1)
    await short.push("s", "q", 1, keep=3)
    await short.put("\0everyone", "rules", 1)
    for _ in range(1000):
        if await short.get("s", "x") is None and not await short.items("s", "q"):
            break
        await asyncio.sleep(0.01)
    assert await short.sessions() == ["\0everyone"]
    await short.aclose()


async def test_two_prefixes_and_two_layouts_share_nothing(redis: RedisServer, store: RedisStore) -> None:
    other = RedisStore(f"{redis.url}&prefix=team-b")
    await store.put("s", "x", 1)
    assert await other.get("s", "x") is None
    await other.put("s", "x", 2)
    await other.clear(None)
    assert await store.get("s", "x") == 1
    keys = await store.connection.client.execute_command("KEYS", "*")
    assert all(key.startswith(f"chatdouble:{LAYOUT}:".encode()) for key in keys)
    await other.aclose()


async def test_a_redis_on_a_unix_socket_is_one_too(tmp_path: Path) -> None:
    with redis_server(tmp_path, "--unixsocket", "redis.sock") as redis:
        alone = RedisStore(redis.url)
        local = RedisStore(f"unix://{tmp_path}/redis.sock?db=0&timeout=60&prefix=local")
        assert await local.ready() is None
        assert await local.increment("s", "n") == 1
        assert await alone.get("s", "n") is None
        assert local.connection.prefix == "local"
        await alone.aclose()
        await local.aclose()


async def test_redis_may_forget_the_scripts(store: RedisStore) -> None:
    assert await store.increment("s", "n") == 1
    await store.connection.client.execute_command("SCRIPT", "FLUSH")
    assert await store.increment("s", "n") == 2
    assert await store.items("s", "l") == []


async def test_parallel_steps_lose_nothing_and_give_nothing_twice(redis: RedisServer, store: RedisStore) -> None:
    other = RedisStore(redis.url)
    both = [store, other]
    for number in range(100):
        await store.push("s", "q", number, keep=1000)
    counted = await asyncio.gather(*(both[i % 2].increment("s", "n") for i in range(200)))
    assert sorted(counted) == [*range(1, 201)]
    taken = await asyncio.gather(*(both[i % 2].remove("s", "q", i % 100) for i in range(200)))
    assert taken.count(True) == 100
    swapped = await asyncio.gather(*(both[i % 2].swap("s", "state", None, i + 1) for i in range(50)))
    assert swapped.count(True) == 1
    await other.aclose()


async def test_a_remembered_value_is_only_for_a_swap(redis: RedisServer, store: RedisStore) -> None:
    other = RedisStore(redis.url)
    assert await store.peek("s", "limits") is None
    assert await store.swap("s", "limits", None, [1.0])
    assert await other.swap("s", "limits", [1.0], [2.0])
    assert await store.peek("s", "limits") == [1.0]
    assert not await store.swap("s", "limits", [1.0], [3.0])
    assert await store.peek("s", "limits") == [2.0]
    assert await store.swap("s", "limits", [2.0], [3.0])
    assert await other.get("s", "limits") == [3.0]
    await other.aclose()


async def test_an_update_is_of_what_there_is_whatever_is_remembered(redis: RedisServer, store: RedisStore) -> None:
    other = RedisStore(redis.url)

    def down(held: Any) -> Any:
        if held == 0:
            raise ValueError("nothing is left")
        return (2 if held is None else held) - 1

    assert await store.update("s", "left", down) == 1
    assert await other.update("s", "left", down) == 0
    await other.put("s", "left", 5)
    assert await store.update("s", "left", down) == 4
    assert await store.update("s", "left", lambda _: 0) == 0
    await other.put("s", "left", 3)
    assert await store.update("s", "left", down) == 2
    assert await store.update("s", "left", lambda _: 0) == 0
    with pytest.raises(ValueError, match="nothing is left"):
        await store.update("s", "left", down)
    assert await other.get("s", "left") == 0
    await other.aclose()


async def test_updates_at_a_time_travel_together_and_each_is_of_the_one_before(
    redis: RedisServer, store: RedisStore
) -> None:
    def up(held: Any) -> Any:
        if held == 150:
            raise ValueError("it is full")
        return (held or 0) + 1

    before = sum(store.round_trips.seconds.counts)
    made = await asyncio.gather(*(store.update("s", "n", up) for _ in range(200)), return_exceptions=True)
    assert made[:150] == [*range(1, 151)]
    assert [str(one) for one in made[150:]] == ["it is full"] * 50
    assert sum(store.round_trips.seconds.counts) - before < 20
    other = RedisStore(redis.url)
    shared = [one.update("s", "both", lambda held: (held or 0) + 1) for one in (store, other) for _ in range(50)]
    assert sorted(await asyncio.gather(*shared)) == [*range(1, 101)]
    await other.aclose()


async def test_lone_surrogates_and_bytes_come_back(store: RedisStore) -> None:
    await store.put("s", "x", json.loads('{"text": "\\ud800"}'))
    assert await store.get("s", "x") == {"text": "\ud800"}
    await store.put("s", "x", b'{"a": 1}')
    assert await store.get("s", "x") == b'{"a": 1}'


@pytest.mark.parametrize(
    "value",
    [2**64, -(2**63) - 1, 10**400, 2**64 - 1, -0.0, 1e300, "\ud800", {"\ud800": [2**70, -0.0, 0.1, None]}],
    ids=repr,
)
async def test_every_value_comes_back_exactly(store: RedisStore, value: Any) -> None:
    await store.put("s", "x", value)
    assert repr(await store.get("s", "x")) == repr(value)
    assert repr(await store.update("s", "x", lambda held: [held])) == repr([value])
    assert repr(await store.peek("s", "x")) == repr([value])
    await store.push("s", "q", value, keep=3)
    assert repr(await store.items("s", "q")) == repr([value])
    assert await store.remove("s", "q", value)


async def test_a_cluster_keeps_sessions_in_their_slots(tmp_path: Path) -> None:
    with redis_server(tmp_path, "--cluster-enabled", "yes") as redis:
        alone = RedisStore(redis.url)
        await alone.connection.client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        for _ in range(1000):
            if (await alone.connection.client.execute_command("CLUSTER INFO"))["cluster_state"] == "ok":
                break
            await asyncio.sleep(0.01)
        await alone.aclose()
        store = RedisStore(f"redis+cluster://127.0.0.1:{redis.port}?timeout=60")
        for session in SESSIONS:
            assert await store.enter(session, "requests", "overrides") == (1, None)
            await store.push(session, "q", 1, keep=3)
        assert await store.ready() is None
        assert await store.sessions() == sorted(SESSIONS)
        await store.clear(None)
        assert await store.sessions() == []
        await store.aclose()


async def test_what_is_removed_has_no_parts(store: RedisStore) -> None:
    await store.retain("a", "also", None, 1, {"p:2": "also"})
    assert (await store.sessions(), await store.names("a", "")) == ([], [])
