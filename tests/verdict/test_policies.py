"""Policies of the server and of sessions: a test that allows its own problem fails no verdict, and hides no other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

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
