"""The state of sessions, as the control API shows it."""

from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import chat, control

ASKED: Any = [{"role": "user", "content": "Hello!"}]


def test_a_new_session_has_nothing(server: RunningServer, key: str) -> None:
    state = control(server, key, "GET", "session")
    assert state["session"] == key
    assert {name: state[name] for name in ("requests", "in_flight", "entries", "queue", "faults", "mode")} == {
        "requests": 0,
        "in_flight": 0,
        "entries": 0,
        "queue": [],
        "faults": [],
        "mode": None,
    }
    assert state["clock"]["ahead"] == 0
    assert (state["limits_left"], state["stored_completions"], state["scenarios"]) == ({}, [], {})


def test_a_session_shows_what_it_set_and_what_happened(serve: Serve, key: str, tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "- {name: door, reply: Open., scenario: {name: door, new_state: opened}}\n- {name: later, reply: Later.}\n"
    )
    with (
        serve(scripts=(tmp_path,), clock="fixed:1750000000", log_level="error") as served,
        OpenAI(base_url=served.base_url, api_key=key, max_retries=0) as client,
    ):
        control(served, key, "PUT", "limits?model=gpt-4o", {"requests_per_minute": 10})
        control(served, key, "PUT", "pace", {"ttft": 0.001})
        control(served, key, "PUT", "faults", {"name": "error", "status": 503, "times": 1})
        control(served, key, "PUT", "mode", "replay")
        control(served, key, "POST", "clock", {"advance": 2.5})
        with pytest.raises(openai.InternalServerError):
            client.chat.completions.create(model="gpt-4o", messages=ASKED)
        stored = client.chat.completions.create(model="gpt-4o", messages=ASKED, store=True)
        control(served, key, "POST", "queue", ["One.", "Two."])
        state = control(served, key, "GET", "session")
        assert (state["requests"], state["entries"], state["queue"]) == (2, 2, ["One.", "Two."])
        assert [*state["hits"].values()] == [1]
        assert state["scenarios"] == {"door": "opened"}
        assert [*state["fault_counts"].values()] == [2]
        assert state["faults"][0]["name"] == "error"
        assert (state["pace"], state["mode"]) == ({"*": {"ttft": 0.001}}, "replay")
        assert state["limits"] == {"gpt-4o": {"requests_per_minute": 10}}
        (left,) = state["limits_left"].values()
        assert (left["limit-requests"], left["remaining-requests"]) == ("10", "8")
        assert state["clock"] == {"now": 1750000002.5, "ahead": 2.5}
        assert control(served, key, "GET", "clock") == state["clock"]
        assert state["stored_completions"] == [stored.id]
        control(served, key, "POST", "clock", {"advance": 60})
        (refilled,) = control(served, key, "GET", "session")["limits_left"].values()
        assert refilled["remaining-requests"] == "10"
        control(served, key, "POST", "reset")
        assert control(served, key, "GET", "session")["requests"] == 0


def test_all_sessions_are_listed_with_the_control_key(serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        for key in ("sk-b", "sk-a", "sk-a"):
            chat(served.origin, key)
        assert control(served, "sk-a", "GET", "sessions")["error"]["code"] == "control_key_required"
        assert control(served, "sk-control", "GET", "sessions") == {
            "object": "list",
            "data": [
                {"session": "sk-a", "requests": 2, "in_flight": 0, "entries": 2},
                {"session": "sk-b", "requests": 1, "in_flight": 0, "entries": 1},
            ],
        }
        assert control(served, "sk-control", "GET", "session?session=sk-a")["requests"] == 2
        assert control(served, "sk-control", "GET", "session?session=*")["error"]["code"] == "one_session_only"


async def test_a_test_in_the_same_process_sees_the_state(serve: Serve) -> None:
    with serve() as served:
        await served.app.control.queue("sk-mine", ["Directly."])
        assert (await served.app.control.state("sk-mine"))["queue"] == ["Directly."]
        assert [one["session"] for one in (await served.app.control.state.all())["data"]] == ["sk-mine"]
