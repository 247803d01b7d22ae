"""Long journals: a verdict passes over no dropped request in silence, and keeps no other request waiting."""

from typing import Any

import pytest

from chatdouble.testing.server import RunningServer
from chatdouble.verdict.verdict import Verdict, judge
from conftest import Serve
from raw import ask, chat, control
from steps import written_steps
from threads import by_pool


def dropped(server: RunningServer, key: str) -> Any:
    """Return what the verdict says of requests that it did not judge."""
    verdict = control(server, key, "GET", "verdict")
    found = [problem["found"] for problem in verdict["problems"] if problem["kind"] == "not_judged"]
    return verdict["ok"], verdict["counts"]["dropped"], found


def send(server: RunningServer, key: str, count: int) -> None:
    """Send different requests."""
    for number in range(count):
        chat(server.origin, key, model="gpt-5.4-mini", messages=[{"role": "user", "content": f"Question {number}"}])


def test_requests_that_the_journal_dropped_fail_a_verdict(serve: Serve, key: str) -> None:
    with serve(journal_size=2) as server:
        send(server, key, 2)
        assert dropped(server, key) == (True, 0, [])
        send(server, key, 3)
        assert dropped(server, key) == (False, 3, ["2 of 5 requests"])


def test_a_verdict_without_a_journal_is_not_ok(serve: Serve, key: str) -> None:
    with serve(journal_size=0) as server:
        assert dropped(server, key) == (True, 0, [])
        send(server, key, 1)
        assert dropped(server, key) == (False, 1, ["0 of 1 requests"])
        assert control(server, key, "GET", "verdict")["sessions"] == [key]


def test_a_server_may_judge_what_is_left(serve: Serve, key: str) -> None:
    with serve(journal_size=0, verdict_warning=("not_judged",)) as server:
        send(server, key, 1)
        assert dropped(server, key) == (True, 1, ["0 of 1 requests"])


def test_requests_that_a_test_cleared_are_not_missed(serve: Serve, key: str) -> None:
    with serve(journal_size=3) as server:
        send(server, key, 2)
        ask(server.origin, "DELETE", "/_double/requests", headers={"Authorization": f"Bearer {key}"})
        send(server, key, 3)
        assert dropped(server, key) == (True, 0, [])


def test_a_reset_forgets_what_was_dropped(serve: Serve, key: str) -> None:
    with serve(journal_size=0) as server:
        send(server, key, 1)
        control(server, key, "POST", "reset")
        assert dropped(server, key) == (True, 0, [])


def test_the_verdict_on_all_sessions_names_the_one_that_misses_requests(serve: Serve) -> None:
    with serve(journal_size=2, control_key="root") as server:
        send(server, "sk-short", 2)
        send(server, "sk-long", 3)
        problems = control(server, "root", "GET", "verdict?session=*")["problems"]
    assert [(one["kind"], one["session"], one["found"]) for one in problems] == [
        ("not_judged", "sk-long", "2 of 3 requests")
    ]


@pytest.mark.parametrize("path", ["verdict", "requests?problem=refused"])
def test_other_requests_are_answered_while_one_is_judged(
    server: RunningServer, key: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    statuses: list[int] = []

    def judge_slowly(*given: Any) -> Verdict:
        statuses.append(chat(server.origin, f"{key}-other").status)
        return judge(*given)

    for module in ("control.verdict", "problems"):
        monkeypatch.setattr(f"chatdouble.server.{module}.judge", judge_slowly)
    send(server, key, 1)
    control(server, key, "GET", path)
    assert statuses == [200]


def test_another_thread_writes_the_beginnings_of_long_replies_that_nobody_asked_for(
    monkeypatch: pytest.MonkeyPatch, server: RunningServer, key: str
) -> None:
    long = {"content": "x", "tool_calls": [{"f": {f"k{at}": at for at in range(600)}}] * 100}
    control(server, key, "POST", "queue", [long, "short"])
    written, steps = by_pool(monkeypatch, "chatdouble.server.control.verdict.legible"), written_steps(monkeypatch)
    verdict = control(server, key, "GET", "verdict")
    names = [one["name"] for one in verdict["unused"]]
    assert names[0].startswith('{"content":"x","tool_calls":[{')
    assert names[0].endswith("... (very long)")
    assert (names[1], written) == ("short", [True] * 2)
    assert max(steps) < 300_000


def test_another_thread_counts_what_was_dropped_and_frees_what_was_judged(
    monkeypatch: pytest.MonkeyPatch, serve: Serve, key: str
) -> None:
    with serve(control_key="sk-control") as server:
        for number in range(3):
            send(server, f"{key}-{number}", 1)
        judged = by_pool(monkeypatch, "chatdouble.server.control.verdict._dropped")
        freed = by_pool(monkeypatch, "chatdouble.server.control.verdict.release")
        freed_suite = by_pool(monkeypatch, "chatdouble.verdict.suite.release")
        assert control(server, "sk-control", "GET", "verdict?session=*")["counts"]["requests"] == 3
        assert (judged, freed, freed_suite) == ([True], [True], [True, True])
