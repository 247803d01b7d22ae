"""Overrides of a session are shown and cleared; control routes refuse what they would ignore; keys of any length."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import Any

import pytest

from chatdouble.testing.server import RunningServer
from commands import run
from conftest import Serve
from raw import ask, chat, control

PACE = {"ttft": 0.001}
LIMITS = {"requests_per_minute": 3}


def test_each_override_is_shown_as_it_was_set(server: RunningServer, key: str) -> None:
    shown = {name: control(server, key, "GET", name) for name in ("faults", "mode", "pace", "limits")}
    assert shown == {"faults": {"faults": []}, "mode": {"mode": None}, "pace": {"pace": {}}, "limits": {"limits": {}}}
    control(server, key, "PUT", "faults", {"name": "error", "status": 503})
    control(server, key, "PUT", "mode", "replay")
    control(server, key, "PUT", "pace", PACE)
    control(server, key, "PUT", "limits?model=gpt-4o", LIMITS)
    assert control(server, key, "GET", "faults") == {"faults": [{"name": "error", "status": 503}]}
    assert control(server, key, "GET", "mode") == {"mode": "replay"}
    assert control(server, key, "GET", "pace") == {"pace": {"*": PACE}}
    assert control(server, key, "GET", "limits") == {"limits": {"gpt-4o": LIMITS}}
    assert control(server, key, "GET", "limits?model=gpt-4.1") == {"limits": {}}
    assert control(server, "sk-nobody-else", "GET", "pace") == {"pace": {}}


def test_a_thousand_models_may_have_limits_of_their_own(serve: Serve) -> None:
    with serve() as served:
        for number in range(1000):
            control(served, "sk-many", "PUT", f"limits?model=m{number}", LIMITS)
        refused = control(served, "sk-many", "PUT", "limits?model=another", LIMITS)["error"]
        assert (refused["code"], refused["message"][:52]) == (
            "too_many_models",
            "1,000 models of the session have limits of their own",
        )
        assert control(served, "sk-many", "PUT", "limits?model=m7", {"requests_per_minute": 4})
        control(served, "sk-many", "DELETE", "limits?model=m8")
        control(served, "sk-many", "PUT", "limits?model=another", LIMITS)
        found = control(served, "sk-many", "GET", "limits")["limits"]
        assert (len(found), found["m7"]["requests_per_minute"], found["another"]) == (1000, 4, LIMITS)


def test_clearing_without_a_model_clears_every_model(server: RunningServer, key: str) -> None:
    for model in ("gpt-4o", "gpt-4.1", "*"):
        control(server, key, "PUT", f"pace?model={model}", PACE)
    control(server, key, "DELETE", "pace?model=gpt-4o")
    assert control(server, key, "GET", "pace") == {"pace": {"gpt-4.1": PACE, "*": PACE}}
    control(server, key, "DELETE", "pace")
    assert control(server, key, "GET", "pace") == {"pace": {}}


def test_the_shell_shows_sets_and_clears(server: RunningServer, key: str) -> None:
    where = ("--url", server.origin, "--key", key)
    cases: list[tuple[str, str, Any, Any]] = [
        ("faults", '{"name": "reset"}', [{"name": "reset"}], []),
        ("pace", json.dumps(PACE), {"*": PACE}, {}),
        ("limits", json.dumps(LIMITS), {"*": LIMITS}, {}),
        ("mode", "record", "record", None),
    ]
    for name, given, value, nothing in cases:
        assert run(name, given, *where).stdout == ""
        assert json.loads(run(name, *where).stdout) == value
        assert run(name, "--clear", *where).returncode == 0
        assert json.loads(run(name, *where).stdout) == nothing
    both = run("mode", "record", "--clear", *where)
    assert (both.returncode, both.stderr) == (2, "chatdouble: give a value, or --clear\n")


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [
        ("PUT", "pace?modle=gpt-4o", "Unknown query parameter 'modle'; did you mean 'model'?"),
        ("PUT", "faults?model=gpt-4o", "Unknown query parameter 'model'; this route takes session."),
        ("POST", "queue?model=gpt-4o", "Unknown query parameter 'model'; this route takes session."),
        ("GET", "verdict/policy?status=400", "Unknown query parameter 'status'; this route takes session."),
        ("DELETE", "limits?sesion=sk-a", "Unknown query parameter 'sesion'; did you mean 'session'?"),
    ],
)
def test_an_unknown_query_parameter_is_refused_with_a_suggestion(
    server: RunningServer, key: str, method: str, path: str, said: str
) -> None:
    refused = control(server, key, method, path, "reset" if method == "PUT" else None)["error"]
    assert (refused["message"], refused["code"]) == (said, "unknown_parameter")
    assert refused["param"] == path.partition("?")[2].partition("=")[0]


def test_an_unknown_route_is_refused_with_a_suggestion(server: RunningServer, key: str) -> None:
    for method, path, said in (
        ("PUT", "fault", "Unknown control route: PUT /_double/fault; did you mean /_double/faults?"),
        ("POST", "advance-it-all", "Unknown control route: POST /_double/advance-it-all; there are /_double/clock, "),
    ):
        refused = control(server, key, method, path, "reset")["error"]
        assert refused["message"].startswith(said)


def test_a_body_that_would_be_ignored_is_refused(server: RunningServer, key: str) -> None:
    chat(server.origin, key)
    refused = control(server, key, "POST", "reset", {"session": "sk-other"})["error"]
    assert refused["code"] == "unexpected_body"
    assert len(control(server, key, "GET", "requests")["data"]) == 1
    assert control(server, key, "POST", "reset", {}) == {"reset": True}


@pytest.mark.parametrize(
    "used", ["sk-short", "sk-proj-" + "Ab1" * 16, "0123456789abcdef" * 2, "aB3" * 28, "eyJ" + "a" * 20 + ".e30.sig-1"]
)
async def test_a_test_in_process_names_a_session_by_the_key_of_its_client(serve: Serve, used: str) -> None:
    with serve() as served:
        mine = served.app.control
        await mine.queue(used, ["Directly."])
        await mine.limits(used, {"requests_per_day": 2})
        assert text(await asyncio.to_thread(chat, served.origin, used)) == "Directly."
        assert await mine.overridden(used, "limits") == {"*": {"requests_per_day": 2}}
        (entry,) = await mine.requests(used)
        assert entry.get("rule") == "queue"
        assert await mine.requests(entry["session"]) == [entry]
        await mine.reset(used)
        assert await mine.requests(used) == []


async def test_a_session_that_a_header_names_is_found_by_this_name(serve: Serve) -> None:
    named = "0123456789abcdef" * 2
    with serve(control_key="sk-control") as served:
        await served.app.control.queue(named, ["Directly."])
        headers = {"X-Double-Session": named, "Authorization": "Bearer sk-a", "Content-Type": "application/json"}
        body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}
        answer = await asyncio.to_thread(
            ask, served.origin, "POST", "/v1/chat/completions", json.dumps(body).encode(), headers
        )
        assert text(answer) == "Directly."
        (entry,) = control(served, "sk-control", "GET", f"requests?session={named}")["data"]
        assert entry["session"] == named


def text(answer: Any) -> str:
    found: str = json.loads(answer.body)["choices"][0]["message"]["content"]
    return found


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("pace", [{"ttft": 1e308}, {"ttft": 1, "tokens_per_second": 5e-324, "chunk_tokens": 10**9}])
def test_an_answer_that_is_due_at_no_time_waits_until_the_server_stops(
    serve: Serve, pace: dict[str, float], *, stream: bool
) -> None:
    with ThreadPoolExecutor(1) as pool, serve(shutdown_timeout=0) as served:
        control(served, "sk-never", "PUT", "pace", pace)
        answer = pool.submit(chat, served.origin, "sk-never", stream=stream)
        while not control(served, "sk-never", "GET", "requests")["data"]:
            pass
    with pytest.raises((HTTPException, ConnectionError)):
        answer.result()
    (entry,) = asyncio.run(served.app.journal.entries("sk-never"))
    assert entry["ended"] == "cut"


@pytest.mark.parametrize(
    ("pace", "limit"),
    [({"chunk_tokens": 2**62}, "1000000000"), ({"jitter": 1e308}, "1000"), ({"jitter": {"share": 1001}}, "1000")],
)
def test_a_pace_that_no_clock_can_keep_is_refused(
    server: RunningServer, key: str, pace: dict[str, Any], limit: str
) -> None:
    assert f"less than or equal to {limit}" in control(server, key, "PUT", "pace", pace)["error"]["message"]
