"""Policies of the server and of sessions: a test that allows its own problem fails no verdict, and hides no other."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chatdouble.core.errors import APIError
from chatdouble.settings import load
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import chat, control, post

HOT: Any = {"model": "gpt-5.4-mini", "messages": [{"role": "user", "content": "Hi"}], "temperature": 3}


def kinds(server: RunningServer, key: str, query: str = "") -> list[tuple[str, str, str]]:
    """Return the session, the kind and the severity of the problems."""
    problems = control(server, key, "GET", f"verdict{query}")["problems"]
    return [(one["session"], one["kind"], one["severity"]) for one in problems]


def test_the_verdict_on_all_sessions_keeps_to_the_policy_of_each(serve: Serve) -> None:
    with serve(control_key="root") as server:
        for key in ("sk-allows", "sk-other"):
            post(server.origin, HOT, key)
        control(server, "sk-allows", "PUT", "verdict/policy", {"allow": ["refused: *temperature*"]})
        assert kinds(server, "root", "?session=*") == [("sk-other", "refused", "error")]


def test_the_session_goes_before_the_server_and_the_question_before_both(serve: Serve) -> None:
    with serve(verdict_warning=("refused",)) as server:
        post(server.origin, HOT, "sk-a")
        assert kinds(server, "sk-a") == [("sk-a", "refused", "warning")]
        control(server, "sk-a", "PUT", "verdict/policy", {"error": ["refused"]})
        assert kinds(server, "sk-a") == [("sk-a", "refused", "error")]
        control(server, "sk-a", "PUT", "verdict/policy", {"off": ["refused"]})
        assert kinds(server, "sk-a") == []
        control(server, "sk-a", "DELETE", "verdict/policy")
        assert kinds(server, "sk-a", "?strict=true") == [("sk-a", "refused", "error")]


@pytest.mark.parametrize(
    ("flags", "environ", "file"),
    [
        ({"verdict_off": ["refused"]}, {}, ""),
        ({}, {"CHATDOUBLE_VERDICT_OFF": "refused,usage_never_asked"}, ""),
        ({}, {}, 'verdict_off = ["refused"]'),
        ({}, {}, 'verdict-allow = ["refused: *temperature*"]'),
    ],
)
def test_severities_come_from_flags_variables_and_the_file(
    serve: Serve, tmp_path: Path, flags: Mapping[str, Any], environ: Mapping[str, str], file: str
) -> None:
    config = tmp_path / "chatdouble.toml"
    config.write_text(file)
    with serve(**load(flags, environ, config).model_dump(exclude_unset=True)) as server:
        post(server.origin, HOT, "sk-a")
        assert kinds(server, "sk-a") == []


def test_requests_and_the_verdict_find_the_same_problems(server: RunningServer, key: str) -> None:
    post(server.origin, HOT, key)
    chat(server.origin, key, model="gpt4o-mini", user="me")
    chat(server.origin, key, model="gpt-5.4-mini")
    found = {
        (problem["kind"], request)
        for problem in control(server, key, "GET", "verdict")["problems"]
        for request in problem["requests"]
    }
    listed = {
        (kind, entry["id"])
        for kind in ("refused", "unknown_model", "deprecated_parameter", "repeated_request")
        for entry in control(server, key, "GET", f"requests?problem={kind}")["data"]
    }
    assert listed == found
    any_problem = control(server, key, "GET", "requests?problem=*")["data"]
    assert {entry["id"] for entry in any_problem} == {request for _, request in found}


def test_requests_are_selected_by_the_policies_of_their_sessions(serve: Serve) -> None:
    with serve(control_key="root", verdict_off=("deprecated_parameter",)) as server:
        for key in ("sk-allows", "sk-other"):
            post(server.origin, HOT, key)
            chat(server.origin, key, user="me")
        control(server, "sk-allows", "PUT", "verdict/policy", {"off": ["refused"]})
        found = control(server, "root", "GET", "requests?session=*&problem=*")["data"]
        assert [(one["session"], one["status"]) for one in found] == [("sk-other", 400)]
        (hot, _) = control(server, "sk-allows", "GET", "requests")["data"]
        assert control(server, "sk-allows", "GET", f"requests/{hot['id']}")["verdict"] == []
        waited = control(server, "sk-allows", "POST", "requests/wait", {"problem": "refused", "timeout": 0})
        assert waited["error"]["code"] == "wait_timed_out"
        assert control(server, "sk-other", "POST", "requests/wait", {"problem": "refused", "timeout": 0})["count"] == 1


def test_a_test_in_the_same_process_asks_for_the_verdict_in_one_call(serve: Serve) -> None:
    with serve() as server:
        post(server.origin, HOT, "sk-a")
        control(server, "sk-b", "POST", "queue", "Never asked for.")
        verdict = server.app.control.verdict
        mine, everything = asyncio.run(verdict("sk-a")), asyncio.run(verdict())
        assert [problem["kind"] for problem in mine["problems"]] == ["refused"]
        assert [problem["kind"] for problem in everything["problems"]] == ["unused_reply", "refused"]
        assert asyncio.run(verdict("sk-a", allow=["refused"]))["ok"]
        with pytest.raises(APIError, match="did you mean 'refused'"):
            asyncio.run(verdict("sk-a", allow=["refusd"]))
