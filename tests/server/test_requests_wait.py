"""Waiting for requests: those that came before, that come, that run, and that never come."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.core.in_turns import turn
from chatdouble.server.control.waiting import Waiting, Waits
from chatdouble.server.entry_view import holds
from chatdouble.server.journal import Journal
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import chat, control
from steps import counted_turns


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Return threads to wait in."""
    with ThreadPoolExecutor(20) as made:
        yield made


def test_requests_that_came_before_end_the_wait_at_once(server: RunningServer, key: str) -> None:
    chat(server.origin, key)
    chat(server.origin, key, messages=user("Other"))
    page = control(server, key, "POST", "requests/wait", {"count": 1, "when": {"user": "Other"}, "timeout": 60})
    assert [entry["ordinal"] for entry in page["data"]] == [2]
    assert (page["count"], page["has_more"]) == (1, False)


def test_many_wait_for_requests_that_come(server: RunningServer, key: str, pool: ThreadPoolExecutor) -> None:
    body = {"count": 2, "when": {"user": "Now"}, "timeout": 60}
    waits = [pool.submit(control, server, key, "POST", "requests/wait", body) for _ in range(10)]
    chat(server.origin, key)
    for _ in range(2):
        assert not any(wait.done() for wait in waits)
        chat(server.origin, key, messages=user("Now"))
    for wait in waits:
        assert [entry["ordinal"] for entry in wait.result()["data"]] == [2, 3]


def test_a_request_that_runs_ends_the_wait(serve: Serve, key: str, pool: ThreadPoolExecutor) -> None:
    with (
        serve(ttft=600, shutdown_timeout=0) as served,
        OpenAI(base_url=served.base_url, api_key=key, max_retries=0) as client,
    ):
        wait = pool.submit(control, served, key, "POST", "requests/wait", {"when": {"user": "Slow"}, "timeout": 60})

        def give_up() -> None:
            with pytest.raises(openai.APIConnectionError):
                client.chat.completions.create(model="gpt-4o", messages=user("Slow"))

        asking = threading.Thread(target=give_up)
        asking.start()
        (entry,) = wait.result()["data"]
        assert (entry["ended"], entry["request"]["messages"]) == ("in flight", user("Slow"))
        again = control(served, key, "POST", "requests/wait", {"count": 1, "status": 0, "timeout": 60})
        assert [one["id"] for one in again["data"]] == [entry["id"]]
    asking.join()


def test_a_wait_that_is_over_says_how_many_came(server: RunningServer, key: str) -> None:
    chat(server.origin, key)
    late = control(server, key, "POST", "requests/wait", {"count": 3, "timeout": 0.01})
    assert late["error"]["code"] == "wait_timed_out"
    assert late["error"]["message"] == "1 of 3 requests came within 0.01 seconds."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"count": 0}, "count: must be greater than 0"),
        ({"timeout": 61}, "timeout: must be less than or equal to 60"),
        ({"whne": {}}, "whne: unknown key; did you mean 'when'?"),
        ({"when": {"usr": "x"}}, "when.usr: unknown key"),
        ([], "must be an object"),
        ("text", "must be an object"),
    ],
)
def test_a_wait_that_is_none_is_refused(server: RunningServer, key: str, body: object, said: str) -> None:
    refused = control(server, key, "POST", "requests/wait", body)
    assert refused["error"]["code"] == "invalid_selection"
    assert said in refused["error"]["message"]


def test_another_session_does_not_end_the_wait(serve: Serve, pool: ThreadPoolExecutor) -> None:
    with serve(control_key="sk-control") as served:
        mine = pool.submit(control, served, "sk-a", "POST", "requests/wait", {"timeout": 60})
        every = pool.submit(control, served, "sk-control", "POST", "requests/wait?session=*", {"timeout": 60})
        chat(served.origin, "sk-b")
        assert [entry["session"] for entry in every.result()["data"]] == ["sk-b"]
        assert not mine.done()
        chat(served.origin, "sk-a")
        assert [entry["session"] for entry in mine.result()["data"]] == ["sk-a"]


def test_a_server_that_stops_ends_the_wait(serve: Serve, key: str, pool: ThreadPoolExecutor) -> None:
    with serve(shutdown_timeout=30) as served:
        wait = pool.submit(control, served, key, "POST", "requests/wait", {"timeout": 60})
        while not served.app.journal.is_heard:
            pass
    assert wait.result()["error"]["code"] == "wait_timed_out"


def test_without_a_journal_there_is_nothing_to_wait_for(serve: Serve, key: str) -> None:
    with serve(journal_size=0) as served:
        assert control(served, key, "POST", "requests/wait", {"timeout": 60})["error"]["code"] == "no_journal"


async def test_a_test_in_the_same_process_waits_directly(serve: Serve) -> None:
    with serve() as served:
        wait = asyncio.create_task(served.app.control.requests.wait("sk-mine", {"count": 2, "timeout": 60}))
        for _ in range(2):
            await asyncio.to_thread(chat, served.origin, "sk-mine")
        assert [entry["ordinal"] for entry in (await wait)["data"]] == [1, 2]
        assert [one["ordinal"] for one in await served.app.control.requests("sk-mine", {"text": "hello"})] == [1, 2]


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows when a wait has counted what is in the journal."""
    begun: list[int] = []
    until = Waiting.until

    async def counted(*given: Any) -> None:
        begun.append(1)
        await until(*given)

    monkeypatch.setattr(Waiting, "until", counted)
    return begun


def test_a_request_is_tested_once_for_all_who_wait_for_the_same(
    server: RunningServer, key: str, pool: ThreadPoolExecutor, begun: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tests: list[int] = []

    def counted(*given: Any) -> bool:
        tests.append(1)
        return holds(*given)

    monkeypatch.setattr("chatdouble.server.selection.holds", counted)
    bodies = [{"count": count, "when": {"user": "Now"}, "timeout": 60 - count} for count in [1, 2] * 10]
    waits = [pool.submit(control, server, key, "POST", "requests/wait", body) for body in bodies]
    while len(begun) < len(waits):
        pass
    for _ in range(2):
        chat(server.origin, key, messages=user("Now"))
    assert [wait.result()["count"] for wait in waits] == [1, 2] * 10
    assert len(tests) <= 4  # each when its body has come, and when it has ended


def test_the_tests_of_many_who_wait_give_way_to_others(
    server: RunningServer, key: str, begun: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [f"Now {number}" for number in range(50)]
    with ThreadPoolExecutor(len(texts)) as many:
        bodies = [{"when": {"user": text}, "timeout": 60} for text in texts]
        waits = [many.submit(control, server, key, "POST", "requests/wait", body) for body in bodies]
        while len(begun) < len(waits):
            pass
        turns = counted_turns(monkeypatch)
        chat(server.origin, key, messages=user("None of them"))
        while len(turns) < 4:  # two for each time
            pass
        for text in texts:
            chat(server.origin, key, messages=user(text))
        assert [wait.result()["data"][0]["request"]["messages"] for wait in waits] == [*map(user, texts)]


def test_the_journal_is_read_once_for_all_waits_that_begin_meanwhile(
    server: RunningServer, key: str, pool: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat(server.origin, key)
    came: list[int] = []
    read: list[int] = []
    entered, is_long = Waits.entered, Journal.is_long

    def counted(*given: Any) -> Any:
        came.append(1)
        return entered(*given)

    async def delayed(*given: Any) -> bool:
        read.append(1)
        while len(came) < 20:
            await turn()
        return await is_long(*given)

    monkeypatch.setattr(Waits, "entered", counted)
    monkeypatch.setattr(Journal, "is_long", delayed)
    body = {"count": 2, "when": {"user": {"contains": "e"}}, "timeout": 0.01}
    waits = [pool.submit(control, server, key, "POST", "requests/wait", body) for _ in range(20)]
    for wait in waits:
        assert wait.result()["error"]["message"] == "1 of 2 requests came within 0.01 seconds."
    assert len(read) <= 3


def test_a_request_before_a_wait_that_is_tested_late_does_not_count(
    server: RunningServer, key: str, pool: ThreadPoolExecutor, begun: list[int]
) -> None:
    waits = [pool.submit(control, server, key, "POST", "requests/wait", {"count": 3, "timeout": 60})]
    while not begun:
        pass
    chat(server.origin, key)
    control(server, key, "DELETE", "requests")
    late = control(server, key, "POST", "requests/wait", {"count": 1, "timeout": 0.01})
    assert late["error"]["code"] == "wait_timed_out"
    for _ in range(2):
        chat(server.origin, key)
    assert [wait.result()["count"] for wait in waits] == [2]  # those that are still there
