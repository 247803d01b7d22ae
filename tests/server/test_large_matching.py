"""Conditions on large requests: the thread that serves tests none of them, wherever a condition may stand."""

import asyncio
import itertools
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from chatdouble.core.expressions import TooSlowError
from chatdouble.scripts.matching.combinators import AllOf
from chatdouble.server.entry_view import EntryView, holds
from chatdouble.testing.server import RunningServer
from conftest import Serve
from processes import serving_alone, serving_in
from raw import ask, chat, control
from threads import by_pool

LARGE: Any = [{"role": "user", "content": "hello there " * 30_000}]


def when(word: str) -> Any:
    """Return a condition that does not hold; those of other words are compiled anew."""
    return {"user": {"matches": f"(a|e){word}"}}


def script(folder: Path, rules: int) -> Path:
    """Write a script of rules that match nothing; return its path."""
    file = folder / "script.yaml"
    file.write_text("".join(f"- {{when: {{user: {{contains: needle {at}}}}}, reply: x}}\n" for at in range(rules)))
    return file


def test_a_thread_compares_a_large_request_or_many_rules(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, key: str, tmp_path: Path
) -> None:
    compared = by_pool(monkeypatch, "chatdouble.scripts.matching.near_misses.nearest")
    with serve(scripts=(script(tmp_path, 3),)) as served:
        assert [chat(served.origin, key).status, chat(served.origin, key, messages=LARGE).status] == [404, 404]
    with serve(scripts=(script(tmp_path, 30),)) as served:
        assert chat(served.origin, key).status == 404
    assert compared == [False, True, True]


def test_the_journal_has_the_beginning_of_a_long_text_that_nearly_matched(
    serve: Serve, key: str, tmp_path: Path
) -> None:
    with serve(scripts=(script(tmp_path, 3),)) as served:
        chat(served.origin, key, messages=LARGE)
        (entry,) = control(served, key, "GET", "requests")["data"]
        for miss in entry["near_misses"]:
            assert miss["found"].startswith('"hello there hello')
            assert miss["found"].endswith("... (360000 characters)")
            assert len(miss["found"]) < 17_000


def gate(served: RunningServer, key: str) -> None:
    """Set a gate with a condition that does not hold."""
    control(served, key, "PUT", "gates/g", {"when": when("gate")})


def queue(served: RunningServer, key: str) -> None:
    """Queue a reply with a condition that does not hold."""
    control(served, key, "POST", "queue", [{"when": when("queue"), "reply": "x"}])


def turns(served: RunningServer, key: str) -> None:
    """Script a conversation whose turn has a condition that does not hold."""
    control(served, key, "POST", "script", {"turns": [{"when": when("turn"), "reply": "x"}]})


@pytest.mark.parametrize("prepare", [gate, queue, turns])
def test_a_thread_tests_conditions_on_a_large_request(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str, prepare: Callable[[RunningServer, str], None]
) -> None:
    searched = by_pool(monkeypatch, "chatdouble.core.expressions.Expression.search")
    prepare(server, key)
    chat(server.origin, key, messages=LARGE)
    chat(server.origin, key)
    control(server, key, "POST", "reset")
    assert searched[0]
    assert not searched[-1]


def test_a_thread_looks_through_many_queued_replies(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str
) -> None:
    searched = by_pool(monkeypatch, "chatdouble.core.expressions.Expression.search")
    control(server, key, "POST", "queue", [{"when": when("many"), "reply": "x"}] * 30)
    chat(server.origin, key)
    control(server, key, "POST", "reset")
    assert searched == [True] * 30


def test_a_thread_tests_large_requests_for_which_others_wait(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str
) -> None:
    threads: list[str] = []

    def noting(conditions: AllOf, view: EntryView) -> bool:
        if view.size > 100_000:
            threads.append(threading.current_thread().name)
        return holds(conditions, view)

    monkeypatch.setattr("chatdouble.server.selection.holds", noting)
    with ThreadPoolExecutor(1) as pool:
        wait = pool.submit(control, server, key, "POST", "requests/wait", {"when": {"user": "Now"}, "timeout": 60})
        while not server.app.journal.is_heard:
            threading.Event().wait(0.01)
        for _ in range(3):
            chat(server.origin, key, messages=LARGE)
        chat(server.origin, key, messages=[{"role": "user", "content": "Now"}])
        assert [entry["ordinal"] for entry in wait.result()["data"]] == [4]
    assert threads
    assert "chatdouble" not in threads


def test_a_wait_whose_condition_takes_too_long_ends_with_that_error(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str
) -> None:
    def holds(*_given: object) -> bool:
        raise TooSlowError("(a+)+b")

    chat(server.origin, key)
    monkeypatch.setattr("chatdouble.server.selection.holds", holds)
    ended = control(server, key, "POST", "requests/wait", {"when": when("slow"), "timeout": 60})
    assert ended["error"]["code"] == "script_error"


def test_few_threads_work_for_many_readers() -> None:
    headers = {"Authorization": "Bearer sk-a"}
    with serving_alone("--log-level", "warning") as served:
        for _ in range(3):
            chat(served.origin, "sk-a", messages=[{"role": "user", "content": "hello " * 40_000}])
        with ThreadPoolExecutor(8) as pool:
            paths = ["/_double/requests", "/_double/requests/export?format=har", "/_double/verdict"] * 8
            asked = [pool.submit(ask, served.origin, "GET", path, None, headers) for path in paths]
            answers = [one.result().status for one in asked]
        status = Path(f"/proc/{served.process.pid}/status").read_text()
    assert {*answers} == {200}
    (threads,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("Threads:"))
    assert threads <= 4


def test_threads_that_work_give_way_after_a_millisecond(tmp_path: Path) -> None:
    backend = """
import sys
from chatdouble_backends.echo import Echo

class Asked(Echo):
    async def reply(self, call):
        call.body["messages"][-1]["content"] = str(sys.getswitchinterval())
        return await super().reply(call)
"""
    (tmp_path / "asked.py").write_text(backend)
    with serving_in(tmp_path, "--backend", "asked:Asked") as served:
        completion = chat(served.origin, "sk-a")
    assert json.loads(completion.body)["choices"][0]["message"]["content"] == "0.001"


def test_a_thread_tests_the_conditions_of_many_gates_on_a_long_request(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str
) -> None:
    for number in range(6):
        control(server, key, "PUT", f"gates/g{number}", {"when": when(f"gate{number}")})
    searched = by_pool(monkeypatch, "chatdouble.core.expressions.Expression.search")
    long: Any = [{"role": "user", "content": "hello there " * 3000}]
    chat(server.origin, key, messages=long)
    assert searched == [True] * 6


def test_others_get_a_turn_while_many_conditions_on_a_short_request_are_tested(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, key: str, tmp_path: Path
) -> None:
    turns = list[float]()
    sleep = asyncio.sleep

    async def counted(seconds: float) -> None:
        turns.append(seconds)
        await sleep(seconds)

    clock = itertools.count()
    monkeypatch.setattr("chatdouble.scripts.replying.by_rule.monotonic", lambda: next(clock) * 0.01)
    monkeypatch.setattr("chatdouble.scripts.replying.by_rule.asyncio.sleep", counted)
    file = tmp_path / "script.yaml"
    file.write_text("".join(f"- {{when: {{user: {{matches: '(a|e)x{at}'}}}}, reply: x}}\n" for at in range(50)))
    with serve(scripts=(file,)) as served:
        assert chat(served.origin, key).status == 404
    assert turns.count(0) >= 49


def test_the_conditions_of_all_rules_have_a_time_limit_on_a_long_request(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, key: str, tmp_path: Path
) -> None:
    clock = itertools.count()
    monkeypatch.setattr("chatdouble.scripts.replying.by_rule.thread_time", lambda: float(next(clock)))
    file = tmp_path / "script.yaml"
    file.write_text("".join(f"- {{when: {{user: {{matches: '(a|e)y{at}'}}}}, reply: x}}\n" for at in range(50)))
    with serve(scripts=(file,)) as served:
        answer = chat(served.origin, key, messages=LARGE)
        assert chat(served.origin, key).status == 404
    assert answer.status == 500
    assert answer.error["code"] == "script_error"
    assert "The conditions of 6 rules take more than 5 seconds" in answer.error["message"]
