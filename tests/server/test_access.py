"""Access to sessions: keys, headers, the query and the machine that asks."""

import asyncio
import json
from base64 import b64encode
from typing import Any

import pytest

from calls import call
from chatdouble.core.errors import APIError
from chatdouble.server.control.access import Access
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import Answer, ask, chat, control

NAMED = "sk-named"


def headed(
    server: RunningServer, key: str, session: str, method: str = "GET", path: str = "/_double/requests"
) -> Answer:
    """Send a request whose header names a session."""
    headers = {"Authorization": f"Bearer {key}", "X-Double-Session": session, "Content-Type": "application/json"}
    asked = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}
    return ask(server.origin, method, path, json.dumps(asked).encode() if path.startswith("/v1") else b"", headers)


@pytest.mark.parametrize("auth", [True, False])
def test_no_key_means_every_session(serve: Serve, auth: bool) -> None:
    with serve(auth=auth) as served:
        chat(served.origin, "sk-victim")
        for method, path in (("GET", "requests"), ("POST", "reset"), ("GET", "requests?session=*")):
            assert control(served, "*", method, path)["error"]["code"] == "invalid_api_key"
        assert len(control(served, "sk-victim", "GET", "requests")["data"]) == 1


@pytest.mark.parametrize("name", ["*", "* ", "*\t", "n" * 257])
def test_a_header_names_no_session_that_cannot_be_one(serve: Serve, name: str) -> None:
    with serve(control_key="sk-control") as served:
        chat(served.origin, "sk-victim")
        for key in ("sk-a", "sk-control"):
            refused = headed(served, key, name, "POST", "/_double/reset")
            assert (refused.status, refused.error["code"]) == (400, "invalid_session")
            assert headed(served, key, name, "POST", "/v1/chat/completions").status == 400
        assert [one["session"] for one in control(served, "sk-control", "GET", "requests?session=*")["data"]] == [
            "sk-victim"
        ]


def test_no_key_and_no_query_name_what_holds_for_all_sessions(serve: Serve) -> None:
    name = "\0everyone"
    with serve() as served:
        headers = {"Authorization": "Basic " + b64encode(f":{name}".encode()).decode()}
        added = ask(served.origin, "POST", "/_double/rules", json.dumps({"reply": "Mine."}).encode(), headers)
        assert (added.status, added.error["message"][:33]) == (401, "You didn't provide an API key. Yo")
        assert b"Mine." not in chat(served.origin, "sk-victim").body
    with serve(control_key="sk-control") as served:
        refused = control(served, "sk-control", "POST", "reset?session=%00everyone")
        assert refused["error"]["code"] == "invalid_session"


def test_a_long_key_is_a_session_named_by_a_digest(serve: Serve) -> None:
    key = "sk_" * 100
    with serve() as served:
        chat(served.origin, key)
        (entry,) = control(served, key, "GET", "requests")["data"]
        assert len(entry["session"]) < 40


@pytest.mark.parametrize("key", ["sk-proj-" + "aB3" * 20, "AKIAZ2J4X6V8T0Q2W4E6", "sk_" * 100])
def test_the_name_that_stands_for_a_key_is_no_key_of_its_session(serve: Serve, key: str) -> None:
    with serve(control_key="sk-control") as served:
        chat(served.origin, key)
        (entry,) = control(served, key, "GET", "requests")["data"]
        shown = entry["session"]
        assert control(served, shown, "GET", "requests")["data"] == []
        assert control(served, shown, "GET", f"requests?session={shown}")["error"]["code"] == "control_key_required"
        assert headed(served, shown, shown).error["code"] == "control_key_required"
        chat(served.origin, shown)
        assert control(served, shown, "POST", "reset") == {"reset": True}
        for asks, query in ((key, ""), (key, f"?session={shown}"), ("sk-control", f"?session={shown}")):
            assert control(served, asks, "GET", f"requests{query}")["data"] == [entry]


def test_the_query_means_every_session_with_the_control_key_only(serve: Serve) -> None:
    with serve() as served:
        assert control(served, "sk-a", "GET", "requests?session=*")["error"]["code"] == "control_key_required"
    with serve(control_key="sk-control") as served:
        assert control(served, "sk-a", "POST", "reset?session=*")["error"]["code"] == "control_key_required"
        assert control(served, "sk-control", "POST", "reset?session=*") == {"reset": True}


def test_a_header_that_names_another_session_needs_the_control_key_where_there_is_one(serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        headed(served, "sk-a", NAMED, "POST", "/v1/chat/completions")
        refused = headed(served, "sk-a", NAMED)
        assert (refused.status, refused.error["code"]) == (403, "control_key_required")
        assert len(json.loads(headed(served, "sk-control", NAMED).body)["data"]) == 1
        assert headed(served, NAMED, NAMED).status == 200


def test_a_gate_by_header_in_another_session_needs_the_control_key_where_there_is_one(serve: Serve) -> None:
    named = {"X-Double-Session": "sk-victim", "Content-Type": "application/json"}
    gate = {**named, "X-Double-Gate": '{"name": "mine", "timeout": 0.001}'}
    body = json.dumps({"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}).encode()
    with serve(control_key="sk-control") as served:
        control(served, "sk-victim", "PUT", "gates/mine", {"when": {"user": "Wait"}})
        refused = ask(served.origin, "POST", "/v1/chat/completions", body, {"Authorization": "Bearer sk-a", **gate})
        assert (refused.status, refused.error["code"]) == (403, "control_key_required")
        assert control(served, "sk-victim", "GET", "gates/mine")["gate"] == {"when": {"user": "Wait"}}
        own = ask(served.origin, "POST", "/v1/chat/completions", body, {"Authorization": "Bearer sk-victim", **gate})
        assert own.status == 200


def test_a_client_of_this_machine_names_another_session_where_there_is_no_control_key(serve: Serve) -> None:
    with serve() as served:
        headed(served, "sk-a", NAMED, "POST", "/v1/chat/completions")
        assert len(json.loads(headed(served, "sk-a", NAMED).body)["data"]) == 1


@pytest.mark.parametrize(
    ("client", "headers", "allowed"),
    [
        (("127.0.0.1", 1), {}, True),
        (("127.8.8.8", 1), {}, True),
        (("::1", 1), {}, True),
        (("::ffff:127.0.0.1", 1), {}, True),
        (("::ffff:10.0.0.1", 1), {}, False),
        (("172.17.0.1", 1), {}, False),
        (("127.0.0.1", 1), {"x-forwarded-for": "10.0.0.1"}, False),
        (("127.0.0.1", 1), {"forwarded": "for=10.0.0.1"}, False),
        (("127.0.0.1", 1), {"x-real-ip": "10.0.0.1"}, False),
        (("127.0.0.1", 1), {"x-forwarded-proto": "https"}, False),
        (("127.0.0.1", 1), {"cf-connecting-ip": "10.0.0.1"}, False),
        (("127.0.0.1", 1), {"via": "1.1 proxy"}, False),
        (("localhost", 1), {}, False),
        (None, {}, False),
    ],
)
def test_without_a_control_key_only_this_machine_controls_a_named_session(
    client: tuple[str, int] | None, headers: dict[str, str], allowed: bool
) -> None:
    asked = call(session=NAMED, headers={"authorization": "Bearer sk-a", **headers})
    asked.scope["client"] = client
    if allowed:
        assert Access().session(asked, None) == NAMED
        Access().check_all(asked)
        return
    for refused in (lambda: Access().session(asked, None), lambda: Access().check_all(asked)):
        with pytest.raises(APIError) as error:
            refused()
        assert (error.value.status, error.value.code) == (403, "control_key_required")


def test_a_request_that_is_not_let_in_touches_no_session(serve: Serve) -> None:
    """A wrong key neither writes to the journal of the session it names nor moves its numbers."""
    with serve(api_keys=["sk-right"], control_key="sk-control") as served:
        first = chat(served.origin, "sk-right")
        assert headed(served, "sk-wrong", "sk-right", "POST", "/v1/chat/completions").status == 401
        assert chat(served.origin, "sk-invented").status == 401
        assert headed(served, "", "sk-right", "POST", "/v1/chat/completions").status == 401
        entries = control(served, "sk-right", "GET", "requests")["data"]
        assert [one["ordinal"] for one in entries] == [1]
        assert entries[0]["id"] == first.headers["x-request-id"]
        assert names(served) == ["anonymous", "sk-right"]
        turned_away: list[dict[str, Any]] = control(served, "sk-control", "GET", "turned-away")["data"]
        assert [(one["session"], one["status"], one["ordinal"]) for one in turned_away] == [
            ("sk-wrong", 401, 1),
            ("sk-invented", 401, 2),
        ]
        assert control(served, "sk-right", "GET", "turned-away")["error"]["code"] == "control_key_required"
        control(served, "sk-control", "POST", "reset?session=*")
        assert control(served, "sk-control", "GET", "turned-away")["data"] == []


def names(served: RunningServer) -> list[str]:
    """Return the names of the sessions that have anything."""
    return asyncio.run(served.app.services.sessions.names())


def test_those_turned_away_are_bounded(serve: Serve) -> None:
    with serve(api_keys=["sk-right"], journal_size=3) as served:
        for number in range(5):
            chat(served.origin, f"sk-{number}")
        listed = control(served, "sk-right", "GET", "turned-away")["data"]
        assert [one["session"] for one in listed] == ["sk-2", "sk-3", "sk-4"]
