"""Servers on one Redis tell one another of their events."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx2
import pytest

from chatdouble.server import events_everywhere
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from listening import listening
from raw import chat
from redis_servers import RedisServer, redis_server


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as started:
        yield started


@pytest.fixture(scope="module")
def replicas(redis: RedisServer) -> Iterator[list[RunningServer]]:
    """Return three servers that share a state."""
    with ExitStack() as stack:
        yield [stack.enter_context(running(Settings(state=redis.url, log_level="error"))) for _ in range(3)]


def test_a_listener_at_one_server_hears_of_the_requests_of_all(replicas: list[RunningServer], key: str) -> None:
    with listening(replicas[0], key) as heard:
        for replica in replicas:
            chat(replica.origin, key)
            chat(replica.origin, f"{key}-other")
            (begun, _, first), (ended, _, second) = next(heard), next(heard)
            assert (begun, first["ended"], ended, second["ended"]) == ("request", "in flight", "entry", "completed")
            assert (first["id"], first["session"], second["session"]) == (second["id"], key, key)


def test_changes_at_one_server_are_told_at_another(replicas: list[RunningServer], key: str) -> None:
    with listening(replicas[0], key, "?changes=true") as heard:
        for replica in replicas:
            chat(replica.origin, key)
            chat(replica.origin, f"{key}-other")
            assert next(heard) == ("changed", "", {"sessions": [key]})


def test_two_listeners_at_two_servers_hear_each_event_once(replicas: list[RunningServer], key: str) -> None:
    with listening(replicas[0], key) as first, listening(replicas[1], key) as second:
        for replica in replicas:
            chat(replica.origin, key)
        told = [[next(heard)[2] for _ in range(6)] for heard in (first, second)]
        assert [*map(len, ({entry["id"] for entry in one} for one in told))] == [3, 3]


def test_a_client_continues_where_it_was_at_the_same_server_only(replicas: list[RunningServer], key: str) -> None:
    with listening(replicas[0], key) as heard:
        chat(replicas[1].origin, key)
        _, seen, begun = next(heard)
    with listening(replicas[0], key, seen=seen) as heard:
        kind, _, ended = next(heard)
        assert (kind, ended["id"]) == ("entry", begun["id"])
    with listening(replicas[2], key, seen=seen) as heard:
        chat(replicas[1].origin, key)
        assert next(heard)[0] == "request"


def test_nobody_tells_of_anything_once_nobody_asks(
    replicas: list[RunningServer], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events_everywhere, "LEASE", 0.3)
    with running(Settings(state=replicas[0].app.settings.state, log_level="error")) as other:
        assert not other.app.journal.is_heard
        with listening(replicas[0], key) as heard:
            assert other.app.journal.is_heard
            chat(other.origin, key)
            assert [next(heard)[0] for _ in range(2)] == ["request", "entry"]
        while other.app.events.is_telling:
            pass


def test_a_large_event_of_another_server_comes_without_its_bodies(replicas: list[RunningServer], key: str) -> None:
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "word " * 300_000}], "max_tokens": 1}
    with listening(replicas[0], key) as heard:
        headers = {"Authorization": f"Bearer {key}"}
        assert httpx2.post(f"{replicas[1].base_url}/chat/completions", json=asked, headers=headers, timeout=60)
        _, (_, _, ended) = next(heard), next(heard)
        assert str(ended["request"]).endswith(" bytes; the journal has them]")
