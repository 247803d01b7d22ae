"""Fixtures of aimock, as they answer once they are rules."""

import json
from typing import Any

import pytest
import yaml

from calls import call, services
from chatdouble.backend import Relay
from chatdouble.core.errors import APIError
from chatdouble.importers.aimock import read
from chatdouble.importers.found import FoundRule, LeftOut
from chatdouble.scripts.format.rule import Rule
from chatdouble.scripts.reading.load import parse
from chatdouble_backends.scripted import Scripted
from scripting import completion, function, said, scripted, tool_messages


def found(*fixtures: dict[str, Any]) -> tuple[list[dict[str, Any]], list[LeftOut]]:
    """Return the rules of fixtures, and what is left out."""
    data = json.dumps({"fixtures": fixtures}).encode()
    both = [*read("fixtures", data)]
    return [one.rule for one in both if isinstance(one, FoundRule)], [one for one in both if isinstance(one, LeftOut)]


def backend(*fixtures: dict[str, Any]) -> Scripted:
    """Return a backend with the rules of fixtures, all of which must be taken over."""
    rules, left_out = found(*fixtures)
    assert left_out == []
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
async def test_a_match_asks_for_the_same(
    match: dict[str, Any], request_: dict[str, Any], other: dict[str, Any]
) -> None:
    made = backend({"match": match, **HELLO})
    assert await said(made, **request_) == "Hi {{ there }}!"
    with pytest.raises(APIError) as missed:
        await made.reply(call(**other))
    assert missed.value.code == "no_rule_matched"


async def test_a_sequence_answers_in_turn_and_then_no_more() -> None:
    made = backend(
        {"match": {"userMessage": "status", "sequenceIndex": 1}, "response": {"content": "two"}},
        {"match": {"userMessage": "status", "sequenceIndex": 0}, "response": {"content": "one"}},
        {"match": {"userMessage": "status"}, "response": {"content": "done"}},
    )
    shared = services()
    assert [await said(made, shared=shared, messages="status?") for _ in range(4)] == ["one", "two", "done", "done"]


async def test_tool_calls_are_called_with_their_arguments() -> None:
    calls = [{"name": "go", "arguments": {"to": "{{ x }}"}, "id": "call_1"}, {"name": "stop", "arguments": "{}"}]
    made = backend({"match": {}, "response": {"content": "Well:", "toolCalls": calls}})
    answer = await completion(made, call(tools=[function("go", to={"type": "string"}), function("stop")]))
    choice = answer["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("Well:", "tool_calls")
    made_calls = [one["function"] for one in choice["message"]["tool_calls"]]
    assert made_calls == [{"name": "go", "arguments": '{"to":"{{ x }}"}'}, {"name": "stop", "arguments": "{}"}]
    assert choice["message"]["tool_calls"][0]["id"] == "call_1"


async def test_an_error_has_its_status_and_words() -> None:
    made = backend(
        {"match": {}, "response": {"error": {"message": "Slow down", "type": "rate_limit_error"}, "status": 429}}
    )
    with pytest.raises(APIError) as raised:
        await made.reply(call())
    assert (raised.value.status, raised.value.message, raised.value.type) == (429, "Slow down", "rate_limit_error")


async def test_overrides_are_in_the_answer() -> None:
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


def test_blocks_are_put_together() -> None:
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
def test_pace_and_faults_are_taken_over(fixture: dict[str, Any], delivery: dict[str, Any]) -> None:
    assert reply(response={"content": "Hi"}, **fixture) == {"text": "Hi", **delivery}


@pytest.mark.parametrize(
    ("fixture", "reason"),
    [
        ({"match": {"inputText": "x"}, "response": {"content": "y"}}, "match.inputText is nothing that"),
        ({"match": {"endpoint": "image"}, "response": {"content": "y"}}, "it is for the endpoint image"),
        ({"match": {}, "response": {"embedding": [0.1]}}, "response.embedding is nothing that"),
        ({"match": {"sequenceIndex": 2}, "response": {"content": "y"}}, "its sequence is not whole: sequenceIndex 2"),
        ({"match": {"sequenceIndex": "a"}, "response": {"content": "y"}}, "its sequence is not whole"),
        ({"match": {}, "response": {"content": "y"}, "latency": "slow"}, "something in it is of another kind"),
    ],
)
def test_what_cannot_be_a_rule_is_left_out_with_its_reason(fixture: dict[str, Any], reason: str) -> None:
    rules, (left_out,) = found(fixture)
    assert rules == []
    assert (left_out.where, left_out.reason[: len(reason)]) == ("fixture 1", reason)


def test_what_gets_lost_is_said() -> None:
    rules, (lost,) = found({"match": {}, "response": {"content": "Hi", "reasoning": "Hm"}})
    assert rules == [{"reply": {"text": "Hi"}}]
    assert lost.reason == "response.reasoning: chat completions do not show reasoning; the rest is taken over"


@pytest.mark.parametrize(("data", "reason"), [(b"{", "not JSON"), (b"{}", "no fixtures"), (b"1", "no fixtures")])
def test_what_has_no_fixtures_is_said(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        list(read("fixtures", data))


def test_fixtures_that_are_no_objects_say_nothing_and_make_no_script() -> None:
    data = json.dumps([1]).encode()
    (rule,) = read("fixtures", data)
    assert isinstance(rule, FoundRule)
    with pytest.raises(ValueError, match="the reply is empty"):
        parse(yaml.safe_dump([rule.rule]))
