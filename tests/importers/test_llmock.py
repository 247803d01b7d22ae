"""Scenarios and configurations of llmock, and how the rules made from them answer."""

import json
from typing import Any

import pytest
import yaml

from calls import call, services
from chatdouble.core.errors import APIError
from chatdouble.importers.items import ImportedRule, Skipped
from chatdouble.importers.llmock import read
from chatdouble.scripts.format.rule import Rule
from scripting import completion, function, said, scripted


def found(value: Any) -> tuple[list[dict[str, Any]], list[Skipped]]:
    """Return the rules of a file, and the skipped parts."""
    both = [*read("llmock", json.dumps(value).encode())]
    rules = [one.rule for one in both if isinstance(one, ImportedRule)]
    for rule in rules:
        Rule.model_validate(rule)
    return rules, [one for one in both if isinstance(one, Skipped)]


def only(value: Any) -> dict[str, Any]:
    """Return the only rule of a file."""
    (rule,), skipped = found(value)
    assert skipped == []
    return rule


async def test_errors_precede_replies_and_replies_keep_their_order() -> None:
    rules, _ = found(
        {
            "behaviors": [
                {"type": "reply", "text": "one {{ 1 }}"},
                {"type": "fail", "status": 429, "retry_after": 1, "times": 2},
                {"type": "reply", "text": "two", "times": None},
            ]
        }
    )
    made, shared = scripted(yaml.safe_dump(rules)), services()
    for _ in range(2):
        with pytest.raises(APIError) as raised:
            await made.reply(call(shared=shared))
        assert (raised.value.status, raised.value.headers["retry-after"]) == (429, "1")
    assert [await said(made, shared=shared) for _ in range(3)] == ["one {{ 1 }}", "two", "two"]


async def test_a_reply_calls_tools() -> None:
    rule = only([{"type": "reply", "tool_calls": [{"name": "go", "arguments": {"to": "Paris"}}]}])
    answer = await completion(scripted(yaml.safe_dump([rule])), call(tools=[function("go", to={"type": "string"})]))
    assert answer["choices"][0]["message"]["tool_calls"][0]["function"] == {"name": "go", "arguments": '{"to":"Paris"}'}


BEHAVIOURS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "delay", "seconds": 2}, {"reply": {"generate": True, "pace": {"ttft": 2}}}),
    (
        {"type": "slow_first_token", "seconds": 2},
        {"when": {"stream": True}, "reply": {"generate": True, "pace": {"ttft": 2}}},
    ),
    (
        {"type": "stream_fault", "kind": "malformed", "after_chunks": 2},
        {
            "when": {"stream": True},
            "reply": {"generate": True, "fault": {"name": "malformed_json", "after_chunks": 2}},
        },
    ),
    (
        {"type": "tool_fault", "kind": "malformed_arguments"},
        {"when": {"tools": True}, "reply": {"generate": True, "fault": "corrupt_tool_arguments"}},
    ),
    (
        {"type": "tool_fault", "kind": "unknown_tool", "match": {"model": "gpt-4*"}},
        {
            "when": {"model": {"glob": "gpt-4*"}},
            "reply": {"tool_calls": [{"name": "unknown_tool", "arguments": {}}]},
        },
    ),
    (
        {
            "type": "reply",
            "text": "Hi",
            "finish_reason": "length",
            "match": {"provider": "openai", "path": "/v1/*", "tools": False},
        },
        {"when": {"tools": False}, "reply": {"text": "Hi", "finish_reason": "length"}},
    ),
]


@pytest.mark.parametrize(("behaviour", "rule"), BEHAVIOURS)
def test_each_behaviour_becomes_a_rule(behaviour: dict[str, Any], rule: dict[str, Any]) -> None:
    assert only([behaviour]) == {**rule, "times": 1}


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        ({"type": "dance"}, "unknown type 'dance'"),
        ({"status": 500}, "type is missing"),
        ({"type": "fail"}, "status is missing"),
        ({"type": "reply", "match": {"provider": "anthropic"}}, "for the provider anthropic"),
        ({"type": "reply", "match": {"path": "/v1/embeddings"}}, "for the path /v1/embeddings"),
        ({"type": "reply", "match": {"user": "x"}}, "match.user is unknown to llmock"),
        ({"type": "stream_fault", "kind": "wobble"}, "unknown stream fault 'wobble'"),
        ({"type": "tool_fault", "kind": "wobble"}, "unknown tool fault 'wobble'"),
    ],
)
def test_behaviours_without_an_equivalent_are_skipped_with_the_reason(behaviour: dict[str, Any], reason: str) -> None:
    rules, (skipped,) = found([behaviour])
    assert rules == []
    assert (skipped.where, skipped.reason[: len(reason)]) == ("behaviour 1", reason)


def test_a_configuration_becomes_one_rule_for_all_requests() -> None:
    config = {
        "chaos": {"latency_ms": 150, "error_rates": {"429": 0.2}, "error_rate_503": 0.1},
        "responses": {"style": "varied"},
        "stream": {"faults": {"truncate": 0.1}},
    }
    assert only(config) == {
        "reply": {
            "generate": True,
            "pace": {"ttft": 0.15},
            "faults": [
                {"name": "error", "status": 429, "probability": 0.2},
                {"name": "error", "status": 503, "probability": 0.1},
                {"name": "disconnect", "probability": 0.1},
            ],
        }
    }


def test_parts_of_a_configuration_that_are_settings_here_are_reported() -> None:
    rules, skipped = found(
        {"server": {"port": 9000}, "limits": {"rpm": 60, "context_window": 9}, "responses": {"style": "echo"}}
    )
    assert rules == [{"reply": {"echo": True}}]
    assert {one.where: one.reason for one in skipped} == {
        "server.port": "use serve --port 9000 instead; the rest is imported",
        "limits.rpm": "use serve --requests-per-minute 60 instead; the rest is imported",
        "limits.context_window": "no equivalent; the rest is imported",
    }


def test_fixtures_of_aimock_are_read_too() -> None:
    rule = only({"fixtures": [{"match": {"userMessage": "hello"}, "response": {"content": "Hi"}}]})
    assert rule == {"when": {"user": {"contains": "hello"}}, "reply": {"text": "Hi"}}


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"a: [", "not YAML"), (b"1", "no object"), (b"a: 1", "the keys are a"), (b"{}", "the keys are missing")],
)
def test_any_other_file_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        list(read("llmock", data))
