"""The error of a request that no rule matches."""

from typing import Any

import pytest

from calls import call, services
from chatdouble.backend import Call
from chatdouble.core.errors import APIError
from chatdouble.scripts.matching import near_misses
from scripting import said, scripted


async def missed(text: str, asked: Call) -> APIError:
    with pytest.raises(APIError) as raised:
        await scripted(text).reply(asked)
    return raised.value


RULES = """
- {name: ping, when: {user: ping, model: gpt-4o}, reply: pong}
- {name: weather, when: {user: "*weather*", tools: [get_weather]}, reply: x}
- {name: german, when: {system: "*German*", stream: true, user: Hallo}, reply: x}
- {name: loud, when: {user: PING}, reply: x}
- {name: other model, when: {model: o3, user: "*"}, reply: x}
"""


async def test_an_unmatched_request_gets_a_404_that_no_client_retries() -> None:
    error = await missed(RULES, call(messages="Ping"))
    assert (error.status, error.type, error.code) == (404, "invalid_request_error", "no_rule_matched")
    assert error.headers == {"x-should-retry": "false"}


async def test_the_message_names_the_three_nearest_rules_and_the_condition_each_failed_at() -> None:
    error = await missed(RULES, call(messages="Ping"))
    assert error.message.splitlines() == [
        "No rule matched this request (5 rules tried).",
        "Nearest:",
        "  1. ping (script.yaml:2) failed at user",
        '       expected: "ping"',
        '       found:    "Ping"',
        "  2. other model (script.yaml:6) failed at model",
        '       expected: "o3"',
        '       found:    "gpt-4o"',
        "  3. loud (script.yaml:5) failed at user",
        '       expected: "PING"',
        '       found:    "Ping"',
    ]


async def test_the_journal_has_the_near_misses() -> None:
    asked = call(messages="Ping")
    await missed(RULES, asked)
    assert asked.notes.near_misses[0] == {
        "rule": "ping",
        "where": "script.yaml:2",
        "condition": "user",
        "expected": '"ping"',
        "found": "Ping",
    }
    assert asked.notes.rule is None


@pytest.mark.parametrize(
    ("when", "request_", "lines"),
    [
        ("{headers: {x-team: blue}}", {}, ["failed at headers.x-team", 'expected: "blue"', "found:    nothing"]),
        (
            "{body: {temperature: {gt: 1, lte: 2}}}",
            {"temperature": 0.5},
            ["body.temperature", "above 1 and at most 2", "[0.5]"],
        ),
        ("{tools: {all: [a], none: [b], count: 2}}", {}, ["all of a and none of b and a count of 2", "found:    []"]),
        ("{messages: [{role: assistant}]}", {}, ['a message with role "assistant"', '["user: Hello"]']),
        ("{any: [{model: a}, {turn: 2}]}", {}, ['model "a" or turn 2', '{"model":"gpt-4o","turn":1}']),
        ("{not: {model: gpt-4o}}", {}, ["not all of these", '{"model":"gpt-4o"}']),
        ("{last: {role: tool}}", {}, ["failed at last.role", 'expected: "tool"', 'found:    "user"']),
        ("{tool_result: {json: {temp: {gt: 5}}}}", {}, ["a result with json.temp above 5", "found:    nothing"]),
        ("{user: {matches: a+, length: {lt: 3}}}", {}, ["a text that matches /a+/ and length below 3"]),
        ("{user: {one_of: [a, b], ignore_case: true}}", {}, ['one of "a", "b" (ignoring case)']),
        ("{user: {not: {glob: 'H*'}}}", {}, ['not (a text that matches the glob "H*")']),
        ("{all: [{model: a}]}", {}, ["failed at all[0].model"]),
    ],
)
async def test_a_failure_has_the_expected_and_the_found_value(
    when: str, request_: dict[str, Any], lines: list[str]
) -> None:
    error = await missed(f"- {{when: {when}, reply: x}}", call(**request_))
    for line in lines:
        assert line in error.message


async def test_a_rule_that_may_not_answer_again_is_a_near_miss_with_the_reason() -> None:
    text = (
        "- {name: once, times: 1, reply: a}\n"
        "- {name: seq, sequence: [b], then: unmatched}\n"
        "- {name: paid, scenario: {name: order, required_state: Paid}, reply: c}\n"
        "- {name: later, when: {hits: {gte: 1}}, reply: d}"
    )
    backend, shared = scripted(text), services()
    assert [await said(backend, shared=shared) for _ in range(2)] == ["a", "b"]
    asked = call(shared=shared)
    with pytest.raises(APIError):
        await backend.reply(asked)
    near = {miss["rule"]: (miss["condition"], miss["expected"], miss["found"]) for miss in asked.notes.near_misses}
    possible = {
        "once": ("times", "at most 1 answers in a session", "1 given"),
        "seq": ("then", "at most 1 answers in a session", "1 given"),
        "paid": ("scenario order", "Paid", "Started"),
        "later": ("hits", "at least 1", 0),
    }
    assert len(near) == 3
    assert near == {rule: possible[rule] for rule in near}


async def test_a_rule_that_matches_and_may_not_answer_again_is_the_nearest() -> None:
    backend = scripted("- {when: {user: stream}, reply: x}\n- {when: {user: spent}, times: 1, reply: x}")
    shared = services()
    await backend.reply(call(shared=shared, messages="spent"))
    with pytest.raises(APIError, match=r"1\. rule 2 \(script\.yaml:2\) failed at times"):
        await backend.reply(call(shared=shared, messages="spent"))


async def test_long_texts_are_truncated() -> None:
    error = await missed("- {when: {user: a}, reply: x}", call(messages="b" * 1000))
    assert "(1002 characters)" in error.message
    assert max(map(len, error.message.splitlines())) < 220


async def test_the_message_of_an_empty_script_has_no_near_misses() -> None:
    error = await missed("", call())
    assert error.message == "No rule matched this request (0 rules tried)."


@pytest.mark.parametrize(("size", "compared"), [(10, 100), (100_000, 50)])
async def test_a_large_request_is_compared_with_the_first_rules_alone(
    monkeypatch: pytest.MonkeyPatch, size: int, compared: int
) -> None:
    tried: list[int] = []

    def noting(*given: Any) -> Any:
        tried.append(1)
        return near_miss(*given)

    near_miss = near_misses.NearMiss
    monkeypatch.setattr(near_misses, "_BYTES", 100_000)
    monkeypatch.setattr(near_misses, "NearMiss", noting)
    asked = call(messages="word")
    asked.raw = b" " * size
    rules = "".join(f"- {{when: {{user: word {at}}}, reply: x}}\n" for at in range(100))
    assert "(100 rules tried)" in (await missed(rules, asked)).message
    assert len(tried) == compared
