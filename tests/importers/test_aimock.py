"""Fixtures of aimock, and how the rules made from them answer."""

import json
from typing import Any

import pytest
import yaml

from calls import call, services
from chatdouble.backend import Relay
from chatdouble.core.errors import APIError
from chatdouble.importers.aimock import read
from chatdouble.importers.items import ImportedRule, Skipped
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.reading.load import parse
from chatdouble_backends.scripted import Scripted
from scripting import completion, function, said, scripted, tool_messages


def found(*fixtures: dict[str, Any]) -> tuple[list[dict[str, Any]], list[Skipped]]:
    """Return the rules of fixtures, and the skipped parts."""
    data = json.dumps({"fixtures": fixtures}).encode()
    both = [*read("fixtures", data)]
    return [one.rule for one in both if isinstance(one, ImportedRule)], [
        one for one in both if isinstance(one, Skipped)
    ]


def backend(*fixtures: dict[str, Any]) -> Scripted:
    """Return a backend with the rules of fixtures, all of which must be imported."""
    rules, skipped = found(*fixtures)
    assert skipped == []
    return scripted(yaml.safe_dump(rules))


def reply(**fixture: Any) -> dict[str, Any]:
    """Return the reply of one fixture."""
    (rule,), _ = found({"match": {}, **fixture})
    Rule.model_validate(rule)
    answer: dict[str, Any] = rule["reply"]
    return answer


HELLO = {"response": {"content": "Hi {{ there }}!"}}
ASSISTANT = {"role": "assistant", "content": "Hm."}
USER = {"role": "user", "content": "say hello world"}
SYSTEM = {"role": "system", "content": "You are Ada. Be brief."}


@pytest.mark.parametrize(
    ("match", "request_", "other"),
    [
        ({"userMessage": "hello"}, {"messages": [USER]}, {"messages": "Hi"}),
        ({"systemMessage": "Ada"}, {"messages": [SYSTEM, USER]}, {"messages": [USER]}),
        (
            {"systemMessage": ["Ada", "brief"]},
            {"messages": [SYSTEM, USER]},
            {"messages": [{**SYSTEM, "content": "Ada"}, USER]},
        ),
        ({"model": "gpt-4o"}, {"model": "gpt-4o"}, {"model": "gpt-4o-mini"}),
        ({"toolName": "search"}, {"tools": [function("search")]}, {"tools": [function("find")]}),
        ({"responseFormat": "json_object"}, {"response_format": {"type": "json_object"}}, {}),
        ({"turnIndex": 1}, {"messages": [USER, ASSISTANT, USER]}, {"messages": [USER]}),
        ({"turnIndex": 0}, {"messages": [USER]}, {"messages": [USER, ASSISTANT, USER]}),
        ({"hasToolResult": True}, {"messages": [USER, *tool_messages("f", "1")]}, {"messages": [USER]}),
        ({"hasToolResult": False}, {"messages": [USER]}, {"messages": [USER, *tool_messages("f", "1")]}),
        (
            {"toolCallId": "call_f"},
            {"messages": [USER, *tool_messages("f", "1")]},
            {"messages": [USER, *tool_messages("g", "1")]},
        ),
        (
            {"toolResultContains": "yes"},
            {"messages": [USER, *tool_messages("f", "yes!")]},
            {"messages": [USER, *tool_messages("f", "no")]},
        ),
        ({"context": "demo"}, {"headers": {"x-aimock-context": "demo"}}, {}),
        ({"userMessage": "hello", "endpoint": "chat"}, {"messages": [USER]}, {"messages": "Hi"}),
        (
            {"turnIndex": 1, "toolCallId": "call_f"},
            {"messages": [USER, *tool_messages("f", "1")]},
            {"messages": [USER]},
        ),
    ],
)
async def test_a_rule_matches_the_same_requests_as_its_fixture(
    match: dict[str, Any], request_: dict[str, Any], other: dict[str, Any]
) -> None:
    made = backend({"match": match, **HELLO})
    assert await said(made, **request_) == "Hi {{ there }}!"
    with pytest.raises(APIError) as missed:
        await made.reply(call(**other))
    assert missed.value.code == "no_rule_matched"


async def test_a_sequence_answers_in_order_and_is_then_used_up() -> None:
    made = backend(
        {"match": {"userMessage": "status", "sequenceIndex": 1}, "response": {"content": "two"}},
        {"match": {"userMessage": "status", "sequenceIndex": 0}, "response": {"content": "one"}},
        {"match": {"userMessage": "status"}, "response": {"content": "done"}},
    )
    shared = services()
    assert [await said(made, shared=shared, messages="status?") for _ in range(4)] == ["one", "two", "done", "done"]


async def test_tool_calls_keep_their_ids_and_arguments() -> None:
    calls = [{"name": "go", "arguments": {"to": "{{ x }}"}, "id": "call_1"}, {"name": "stop", "arguments": "{}"}]
    made = backend({"match": {}, "response": {"content": "Well:", "toolCalls": calls}})
    answer = await completion(made, call(tools=[function("go", to={"type": "string"}), function("stop")]))
    choice = answer["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Well:", "tool_calls")
    made_calls = [one["function"] for one in choice["message"]["tool_calls"]]
    assert made_calls == [{"name": "go", "arguments": '{"to":"{{ x }}"}'}, {"name": "stop", "arguments": "{}"}]
    assert choice["message"]["tool_calls"][0]["id"] == "call_1"


async def test_an_error_keeps_its_status_message_and_type() -> None:
    made = backend(
        {"match": {}, "response": {"error": {"message": "Slow down", "type": "rate_limit_error"}, "status": 429}}
    )
    with pytest.raises(APIError) as raised:
        await made.reply(call())
    assert (raised.value.status, raised.value.message, raised.value.type) == (429, "Slow down", "rate_limit_error")


async def test_overrides_appear_in_the_answer() -> None:
    response = {
        "content": {"a": 1},
        "id": "chatcmpl-mine",
        "created": 7,
        "model": "gpt-mine",
        "finishReason": "length",
        "systemFingerprint": "fp_mine",
        "usage": {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
    }
    answer = await completion(backend({"match": {}, "response": response}), call())
    assert not isinstance(answer, Relay)
    assert answer["choices"][0]["message"]["content"] == '{"a":1}'
    assert answer["choices"][0]["finish_reason"] == "length"
    assert [answer[key] for key in ("id", "created", "model", "system_fingerprint")] == [
        "chatcmpl-mine",
        7,
        "gpt-mine",
        "fp_mine",
    ]
    assert {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}.items() <= answer["usage"].items()


def test_blocks_are_joined() -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "toolCall", "name": "go", "arguments": {}},
        {"type": "text", "text": "Go"},
        {"type": "text", "text": "ing"},
    ]
    assert reply(response={"blocks": blocks}) == {"text": "Going", "tool_calls": [{"name": "go", "arguments": {}}]}


@pytest.mark.parametrize(
    ("fixture", "delivery"),
    [
        ({"latency": 100}, {"pace": {"ttft": 0.1, "tokens_per_second": 50.0, "chunk_tokens": 5}}),
        ({"chunkSize": 8}, {"pace": {"chunk_tokens": 2}}),
        ({"latency": 200, "chunkSize": 4}, {"pace": {"ttft": 0.2, "tokens_per_second": 5.0, "chunk_tokens": 1}}),
        (
            {"streamingProfile": {"ttft": 200, "tps": 30, "jitter": 0.1}, "latency": 9},
            {"pace": {"ttft": 0.2, "tokens_per_second": 30, "jitter": 0.1}},
        ),
        ({"truncateAfterChunks": 3}, {"faults": [{"name": "disconnect", "after_chunks": 3}]}),
        ({"disconnectAfterMs": 500}, {"faults": [{"name": "disconnect", "after_seconds": 0.5}]}),
        (
            {"chaos": {"dropRate": 0.3, "malformedRate": 0.2, "disconnectRate": 0.1}},
            {
                "faults": [
                    {"name": "error", "status": 500, "probability": 0.3},
                    {"name": "malformed_json", "probability": 0.2},
                    {"name": "disconnect", "probability": 0.1},
                ]
            },
        ),
    ],
)
def test_pace_and_faults_are_imported(fixture: dict[str, Any], delivery: dict[str, Any]) -> None:
    assert reply(response={"content": "Hi"}, **fixture) == {"text": "Hi", **delivery}


@pytest.mark.parametrize(
    ("fixture", "reason"),
    [
        ({"match": {"inputText": "x"}, "response": {"content": "y"}}, "match.inputText does not apply"),
        ({"match": {"endpoint": "image"}, "response": {"content": "y"}}, "for the endpoint image"),
        ({"match": {}, "response": {"embedding": [0.1]}}, "response.embedding does not apply"),
        ({"match": {"sequenceIndex": 2}, "response": {"content": "y"}}, "the sequence is incomplete: sequenceIndex 2"),
        ({"match": {"sequenceIndex": "a"}, "response": {"content": "y"}}, "the sequence is incomplete"),
        ({"match": {}, "response": {"content": "y"}, "latency": "slow"}, "a value has the wrong type"),
    ],
)
def test_fixtures_without_an_equivalent_are_skipped_with_the_reason(fixture: dict[str, Any], reason: str) -> None:
    rules, (skipped,) = found(fixture)
    assert rules == []
    assert (skipped.where, skipped.reason[: len(reason)]) == ("fixture 1", reason)


def test_ignored_parts_of_a_fixture_are_reported() -> None:
    rules, (lost,) = found({"match": {}, "response": {"content": "Hi", "reasoning": "Hm"}})
    assert rules == [{"reply": {"text": "Hi"}}]
    assert lost.reason == "response.reasoning: chat completions do not show reasoning; the rest is imported"


@pytest.mark.parametrize(("data", "reason"), [(b"{", "not JSON"), (b"{}", "no fixtures"), (b"1", "no fixtures")])
def test_a_file_without_fixtures_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        list(read("fixtures", data))


def test_a_fixture_that_is_not_an_object_makes_no_valid_rule() -> None:
    data = json.dumps([1]).encode()
    (rule,) = read("fixtures", data)
    assert isinstance(rule, ImportedRule)
    with pytest.raises(ValueError, match="the reply is empty"):
        parse(yaml.safe_dump([rule.rule]))
