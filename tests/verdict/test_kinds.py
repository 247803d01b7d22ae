"""Every kind of problem is triggered by a real client; here those that need gates, turns, rules or recordings."""

import ast
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from openai import InternalServerError, NotFoundError, OpenAI

from chatdouble.testing.server import RunningServer
from chatdouble.verdict.kind import KINDS
from conftest import Serve
from raw import control

CURRENT = "gpt-5.4-mini"
ClientOf = Callable[[RunningServer], OpenAI]


def ask(client: OpenAI, text: str = "Hello!", model: str = CURRENT, **more: Any) -> Any:
    """Ask as an application does that swallows a miss."""
    completions: Any = client.chat.completions
    with suppress(NotFoundError):
        return completions.create(model=model, messages=[{"role": "user", "content": text}], **more)


def problems(server: RunningServer, key: str, query: str = "") -> list[tuple[str, str]]:
    """Return the kinds and findings of the problems."""
    return [(one["kind"], one["found"]) for one in control(server, key, "GET", f"verdict{query}")["problems"]]


def test_a_reply_that_cannot_be_made_is_found(server: RunningServer, key: str, client: OpenAI) -> None:
    control(server, key, "POST", "queue", {"text": "{{ request.nobody.name }}"})
    with suppress(InternalServerError):
        ask(client)
    assert [kind for kind, _ in problems(server, key)] == ["script_error"]


def test_a_request_that_does_not_fit_its_turn_is_found(server: RunningServer, key: str, client: OpenAI) -> None:
    turns = [{"when": {"user": "Hello*"}, "reply": "Hi."}]
    control(server, key, "POST", "script", {"turns": turns})
    ask(client, "Goodbye")
    ask(client, "Hello")
    assert problems(server, key) == [("turn_mismatch", "user: Goodbye")]


def test_a_turn_that_is_not_asked_for_is_found(server: RunningServer, key: str, client: OpenAI) -> None:
    control(server, key, "POST", "script", {"turns": ["Hi.", "Bye."], "conversation": {"name": "talk"}})
    ask(client)
    assert problems(server, key) == [("turn_not_reached", "turn 2 of 2 of talk")]


def test_a_gate_that_nobody_opens_is_found(server: RunningServer, key: str, client: OpenAI) -> None:
    control(server, key, "PUT", "gates/door", {"timeout": 0.01})
    ask(client)
    assert problems(server, key) == [("gate_timed_out", "gate `door` was not released in time")]


def test_a_model_that_is_shut_down_within_30_days_is_found(serve: Serve, client_of: ClientOf, key: str) -> None:
    with serve(clock="fixed:2026-02-24") as server:
        ask(client_of(server), model="gpt-4-0314")
        assert problems(server, key) == [("retiring_model", "`gpt-4-0314`, which will be shut down on 2026-03-26")]


def test_a_model_that_is_shut_down_later_is_not_found(serve: Serve, client_of: ClientOf, key: str) -> None:
    with serve(clock="fixed:2026-02-23") as server:
        ask(client_of(server), model="gpt-4-0314")
        assert problems(server, key) == []


def test_a_stream_that_the_client_leaves_before_its_usage_is_found(
    server: RunningServer, key: str, client: OpenAI
) -> None:
    control(server, key, "PUT", "pace", {"tokens_per_second": 4})
    with ask(client, "Hi", stream=True, stream_options={"include_usage": True}) as stream:
        next(chunk for chunk in stream if chunk.choices[0].finish_reason)
    while control(server, key, "GET", "verdict")["counts"]["requests"] == 0:
        pass
    assert problems(server, key) == [("stream_abandoned", "the client left before `[DONE]`")]


def test_a_rule_that_never_answers_is_found(serve: Serve, client_of: ClientOf, tmp_path: Path) -> None:
    script = tmp_path / "rules.yaml"
    rules = [{"name": name, "when": {"user": name}, "reply": "Yes."} for name in ("used", "unused")]
    script.write_text(json.dumps(rules))
    with serve(scripts=(script,), control_key="root") as server:
        ask(client_of(server), "used")
        assert problems(server, "root", "?session=*") == [("unused_rule", "unused")]


def test_a_recording_that_is_not_replayed_is_found(serve: Serve, client_of: ClientOf, tmp_path: Path) -> None:
    with serve() as above, serve(upstream=above.base_url, mode="record", recordings=tmp_path) as server:
        for text in ("One", "Two"):
            ask(client_of(server), text)
    with serve(mode="replay", recordings=tmp_path, control_key="root") as server:
        ask(client_of(server), "One")
        ((kind, found),) = problems(server, "root", "?session=*")
    assert kind == "unused_recording"
    assert found


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_kind_is_found_by_a_test_of_this_folder(kind: str) -> None:
    assert kind in {*_expected()}


def _expected() -> Iterator[str]:
    """Yield the texts in the assertions and tables of the tests beside this one."""
    for file in Path(__file__).parent.glob("test_*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, (ast.Assert, ast.AnnAssign)):
                constants = [one for one in ast.walk(node) if isinstance(one, ast.Constant)]
                yield from (one.value for one in constants if isinstance(one.value, str))
