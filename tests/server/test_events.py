"""The events of the journal: as they happen, of one session or of all, and continued where a listener was."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pkgutil import resolve_name
from types import SimpleNamespace
from typing import Any, Final

import openai
import orjson
import pytest
from openai import OpenAI

from chatdouble.backend.call import LARGE
from chatdouble.core.clock import fixed
from chatdouble.http.shutdown import Shutdown
from chatdouble.server import changes, events
from chatdouble.server.auth import identity_of
from chatdouble.server.entry import Entry
from chatdouble.server.journal import Journal
from chatdouble.server.kept_entry import KeptEntry
from chatdouble.state.memory_store import MemoryStore
from chatdouble.state.sessions import Sessions
from chatdouble.testing.server import RunningServer
from conftest import Serve
from listening import listening
from raw import chat, control

_REST: Final = 5
"""The pause in which nothing changes."""
ASKED: Final[Any] = [{"role": "user", "content": "Hello!"}]


def test_a_request_is_told_of_when_it_comes_and_when_it_ends(server: RunningServer, client: OpenAI, key: str) -> None:
    with listening(server, key) as heard:
        client.chat.completions.create(model="gpt-4o", messages=ASKED)
        (begun, _, first), (ended, _, second) = next(heard), next(heard)
        assert (begun, first["ended"], first["request"]["messages"]) == ("request", "in flight", ASKED)
        assert (ended, second["ended"], second["id"]) == ("entry", "completed", first["id"])
        assert second["response"]["choices"][0]["message"]["content"] == "Hello!"
        assert second["headers"]["authorization"] == "[secret]"
        with pytest.raises(openai.BadRequestError):
            client.chat.completions.create(model="gpt-4o", messages=ASKED, temperature=3)
        assert [next(heard)[2]["status"] for _ in range(2)] == [0, 400]
        client.models.retrieve("gpt-4o")
        kind, _, other = next(heard)
        assert (kind, other["path"]) == ("entry", "/v1/models/gpt-4o")


@pytest.mark.parametrize(("size", "is_whole"), [(400_000, True), (2_000_000, False)])
def test_large_requests_are_told_of_in_their_order_and_very_large_ones_without_bodies(
    server: RunningServer, client: OpenAI, key: str, size: int, is_whole: bool
) -> None:
    asked: Any = [{"role": "user", "content": "x " * (size // 2)}]
    with listening(server, key) as heard:
        client.chat.completions.create(model="gpt-4.1", messages=asked, max_tokens=5)
        (begun, _, first), (ended, _, second) = next(heard), next(heard)
    assert (begun, ended, first["id"]) == ("request", "entry", second["id"])
    for told in (first, second):
        if is_whole:
            assert told["request"]["messages"] == asked
        else:
            assert told["request"].endswith(" bytes; the journal has them]")


def test_bodies_that_no_event_has_are_not_read_for_it(
    server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []

    def counted(raw: bytes) -> Any:
        read.append(len(raw))
        return orjson.loads(raw)

    monkeypatch.setattr("chatdouble.server.kept_entry.loads", counted)
    with listening(server, key) as heard:
        chat(
            server.origin, key, model="gpt-4.1", messages=[{"role": "user", "content": "x " * 1_000_000}], max_tokens=5
        )
        assert [next(heard)[0] for _ in range(2)] == ["request", "entry"]
    chat(server.origin, key, model="gpt-4.1", messages=[{"role": "user", "content": "x " * 1_000_000}], max_tokens=5)
    assert max(read) < 100


def test_a_secret_in_a_body_that_an_event_does_not_have_is_found_by_who_reads_the_journal(
    server: RunningServer, key: str
) -> None:
    secret = "sk-" + "proj-1A2b3C4d" * 4
    with listening(server, key) as heard:
        chat(server.origin, key, model="gpt-4.1", messages=[{"role": "user", "content": "x " * 1_000_000 + secret}])
        assert [next(heard)[0] for _ in range(2)] == ["request", "entry"]
    (entry,) = control(server, key, "GET", "requests")["data"]
    assert entry["request"]["messages"][0]["content"].endswith("x [secret]")


def test_large_requests_are_read_one_after_another_for_those_who_listen(
    server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    running: list[int] = [0]
    most: list[int] = []
    shown = KeptEntry.shown

    def counted(entry: KeptEntry) -> Any:
        running[0] += entry.size > LARGE
        most.append(running[0])
        try:
            return shown(entry)
        finally:
            running[0] -= entry.size > LARGE

    def ask_large() -> None:
        chat(server.origin, key, model="gpt-4.1", messages=[{"role": "user", "content": "x " * 200_000}], max_tokens=5)

    heard: list[str] = []

    def hear(kind: str, _session: str, _entry: Entry) -> None:
        heard.append(kind)

    monkeypatch.setattr(KeptEntry, "shown", counted)
    with (
        server.app.journal.listening(identity_of(key), hear),
        ThreadPoolExecutor() as pool,
    ):
        asking = [pool.submit(ask_large) for _ in range(4)]
        assert [one.result() for one in asking] == [None] * 4
    assert heard
    assert max(most) == 1


def test_sessions_hear_of_their_own_requests_and_the_control_key_of_all(serve: Serve) -> None:
    with (
        serve(control_key="sk-control") as served,
        listening(served, "sk-a") as mine,
        listening(served, "sk-control", "?session=*") as every,
        listening(served, "sk-control", "?session=sk-b") as other,
    ):
        for key in ("sk-b", "sk-a"):
            chat(served.origin, key)
        assert [next(every)[2]["session"] for _ in range(4)] == ["sk-b", "sk-b", "sk-a", "sk-a"]
        assert [next(mine)[2]["session"] for _ in range(2)] == ["sk-a", "sk-a"]
        assert [next(other)[2]["session"] for _ in range(2)] == ["sk-b", "sk-b"]
        assert control(served, "sk-a", "GET", "events?session=*")["error"]["code"] == "control_key_required"


def test_a_listener_continues_where_it_was(serve: Serve, key: str) -> None:
    with serve() as served:
        with listening(served, key) as heard:
            chat(served.origin, key)
            _, seen, _ = next(heard)
        chat(served.origin, key)
        with listening(served, key, seen=seen) as heard:
            told = [next(heard) for _ in range(3)]
            assert [(kind, number) for kind, number, _ in told] == [("entry", "2"), ("request", "3"), ("entry", "4")]
        for unknown in ("99", "none"):  # of another run, or not a number
            with listening(served, key, seen=unknown) as heard:
                chat(served.origin, key)
                assert next(heard)[0] == "request"


def test_a_listener_learns_how_many_events_it_missed(serve: Serve, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "KEPT", 3)
    with serve() as served:
        with listening(served, key) as heard:
            chat(served.origin, key)
            _, seen, _ = next(heard)
        for _ in range(3):
            chat(served.origin, key)
        with listening(served, key, seen=seen) as heard:
            assert next(heard) == ("dropped", "5", {"count": 4})
            assert [next(heard)[1] for _ in range(3)] == ["6", "7", "8"]
        monkeypatch.setattr(events, "KEPT_BYTES", 1)
        with listening(served, key, seen="8") as heard:
            chat(served.origin, key)
            assert next(heard)[0] in ("request", "dropped")


def test_the_stream_ends_when_the_server_stops(serve: Serve, key: str) -> None:
    with serve(shutdown_timeout=30) as served:
        stopping = listening(served, key)
        heard = stopping.__enter__()
    assert list(heard) == []
    stopping.__exit__(None, None, None)


def test_nothing_is_kept_before_anybody_listens_and_after_all_have_left(
    serve: Serve, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_LINGER", 0.0)
    with serve() as served:
        assert not served.app.journal.is_heard
        with listening(served, key) as heard:
            assert served.app.journal.is_heard
            chat(served.origin, key)
            _, seen, _ = next(heard)
        while served.app.journal.is_heard:
            pass
        chat(served.origin, key)
        with listening(served, key, seen=seen) as heard:
            chat(served.origin, key)
            assert next(heard)[0] in ("request", "dropped")


def test_changes_are_told_without_entries_and_together(serve: Serve) -> None:
    with (
        serve(control_key="sk-control") as served,
        listening(served, "sk-a", "?changes=true") as mine,
        listening(served, "sk-control", "?session=*&changes=true") as every,
    ):
        for key in ("sk-b", "sk-a"):
            chat(served.origin, key)
        assert next(mine) == ("changed", "", {"sessions": ["sk-a"]})
        told: set[str] = set()
        while told != {"sk-a", "sk-b"}:
            kind, number, data = next(every)
            assert (kind, number, [*data]) == ("changed", "", ["sessions"])
            told |= {*data["sessions"]}
        assert not served.app.journal.is_heard


async def test_changes_are_told_less_often_while_there_is_always_another(monkeypatch: pytest.MonkeyPatch) -> None:
    told = changes.Changes(Journal(Sessions(MemoryStore()), fixed(0), 1), Shutdown(0))
    pauses: list[float] = []
    resting = asyncio.Event()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == _REST:
            resting.set()
        else:
            told.hear(["sk-a"])

    monkeypatch.setattr(changes, "asyncio", SimpleNamespace(sleep=pause))
    listener = told.listen(None)
    assert await anext(listener) == frozenset()
    told.hear(["sk-a"])
    for _ in range(_REST):
        assert await anext(listener) == {"sk-a"}
    asked = asyncio.ensure_future(anext(listener))
    await resting.wait()
    told.hear(["sk-a"])
    assert await asked == {"sk-a"}
    assert await anext(listener) == {"sk-a"}
    await listener.aclose()
    assert pauses == [0.1, 0.2, 0.4, 0.8, 0.9, 0.1]


def _events() -> events.Events:
    return events.Events(Journal(Sessions(MemoryStore()), fixed(0.0), keep=10), Shutdown(0))


async def test_few_of_very_many_listeners_are_woken_between_two_turns_of_others() -> None:
    heard = _events()
    listening = [heard.listen(None) for _ in range(100)]
    for one in listening:
        await anext(one)
    told = [asyncio.ensure_future(anext(one)) for one in listening]
    await asyncio.sleep(0)
    heard.hear("entry", "s", "{}")
    woken = [0]
    while woken[-1] < len(told):
        await asyncio.sleep(0)
        woken.append(sum(one.done() for one in told))
    assert max(after - before for before, after in pairwise(woken)) <= 20
    for one in listening:
        await one.aclose()


async def test_events_of_other_sessions_wake_no_listener_and_count_as_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, looks = _events(), list[int]()
    after = resolve_name("chatdouble.server.events.Events._after")

    def looked(one: events.Events, seen: int) -> Any:
        looks.append(seen)
        return after(one, seen)

    monkeypatch.setattr(events.Events, "_after", looked)
    listening = heard.listen("mine")
    await anext(listening)
    told = asyncio.ensure_future(anext(listening))
    await asyncio.sleep(0)
    for _ in range(events.KEPT + 500):
        heard.hear("entry", "other", "{}")
        await asyncio.sleep(0)
    assert looks == [0]
    heard.hear("entry", "mine", "{}")
    found: Any = await told
    assert (found.session, found.number) == ("mine", events.KEPT + 501)
    await listening.aclose()
