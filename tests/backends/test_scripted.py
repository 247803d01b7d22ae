"""The scripted backend answers with the first rule that matches."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calls import call, services
from chatdouble.backend import Backend, Call, Options, Reply
from chatdouble.core.errors import APIError
from chatdouble.scripts.format.faults import CutFault
from chatdouble.scripts.reading.load import ScriptError, parse
from chatdouble.state.sessions import Sessions
from chatdouble_backends.scripted import Scripted, make
from scripting import completion, echoing, function, said, scripted, tool_messages
from stores import far_away

DESIGN = r"""
rules:
  - name: asks for the weather
    when: {model: "gpt-4o*", user: {matches: 'weather in (?P<city>\w+)'}, tools: [get_weather]}
    reply: {tool_calls: [{get_weather: {city: "{{ match.city }}"}}]}
  - name: tells it
    when: {last: {role: tool}}
    reply: "It is {{ tool.json.temp }} degrees."
  - name: flaky, then fine
    when: {user: ping}
    sequence: [{error: {status: 429, retry_after: 1}}, {fault: disconnect, after_chunks: 2}, pong]
    then: stay            # stay | loop | miss
"""


async def test_an_agent_loop_and_retries_work() -> None:
    backend, shared = scripted(DESIGN), services()
    question = {"role": "user", "content": "What is the weather in Paris?"}
    asked = await completion(backend, call(messages=[question], tools=[function("get_weather")]))
    message = asked["choices"][0]["message"]
    assert message["tool_calls"][0]["function"] == {"name": "get_weather", "arguments": '{"city":"Paris"}'}
    assert asked["choices"][0]["finish_reason"] == "tool_calls"
    results = [question, *tool_messages("get_weather", '{"temp": 21}')]
    assert await said(backend, messages=results, tools=[function("get_weather")]) == "It is 21 degrees."
    with pytest.raises(APIError) as limited:
        await said(backend, shared=shared, messages="ping")
    assert (limited.value.status, limited.value.headers["retry-after-ms"]) == (429, "1000")
    cut = call(shared=shared, messages="ping")
    await backend.reply(cut)
    assert cut.delivery.wanted_faults == (CutFault(name="disconnect", after_chunks=2),)
    assert [await said(backend, shared=shared, messages="ping") for _ in range(2)] == ["pong", "pong"]


async def test_the_first_rule_that_matches_answers_and_the_journal_has_its_name() -> None:
    backend = scripted("- {name: one, when: {user: a*}, reply: first}\n- {name: two, reply: second}")
    asked = call(messages="abc")
    assert (await completion(backend, asked))["choices"][0]["message"]["content"] == "first"
    assert asked.notes.noted() == {"rule": "one"}
    assert await said(backend, messages="xyz") == "second"


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("stay", ["a", "b", "b", "b", "b"]),
        ("loop", ["a", "b", "a", "b", "a"]),
        ("unmatched", ["a", "b", "z", "z", "z"]),
    ],
)
async def test_then_sets_the_behaviour_after_the_last_reply_of_a_sequence(then: str, expected: list[str]) -> None:
    backend = scripted(f"- {{sequence: [a, b], then: {then}}}\n- reply: z")
    shared = services()
    assert [await said(backend, shared=shared) for _ in expected] == expected


async def test_times_limits_how_often_a_rule_answers() -> None:
    backend, shared = scripted("- {reply: a, times: 2}\n- reply: z"), services()
    assert [await said(backend, shared=shared) for _ in range(4)] == ["a", "a", "z", "z"]


async def test_a_rule_can_have_a_condition_on_its_hits() -> None:
    backend, shared = (
        scripted("- {when: {hits: {lt: 2}}, reply: a}\n- {when: {hits: 0}, reply: b}\n- reply: z"),
        services(),
    )
    assert [await said(backend, shared=shared) for _ in range(4)] == ["a", "a", "b", "z"]


async def test_every_session_has_its_own_hits_until_it_is_cleared() -> None:
    backend, shared = scripted("- {sequence: [a, b, c]}"), services()
    both = [await said(backend, shared=shared, session=session) for session in ("x", "x", "y", "x", "y")]
    assert both == ["a", "b", "a", "c", "b"]
    await shared.sessions.named("x").reset()
    assert [await said(backend, shared=shared, session=session) for session in ("x", "y")] == ["a", "c"]


async def test_parallel_requests_never_get_the_same_reply_of_a_sequence() -> None:
    replies = [f"r{number}" for number in range(50)]
    backend, shared = scripted(f"- {{sequence: [{', '.join(replies)}], then: unmatched}}\n- reply: late"), services()
    got = await asyncio.gather(*(said(backend, shared=shared) for _ in range(60)))
    assert sorted(map(str, got)) == sorted([*replies, *["late"] * 10])


SCENARIO = """
- {when: {user: buy}, scenario: {name: order, required_state: Started, new_state: Paid}, reply: paid}
- {when: {user: buy}, scenario: {name: order, required_state: Paid}, reply: already paid}
- {when: {user: cancel}, scenario: {name: order, new_state: Started}, reply: cancelled}
"""


async def test_every_session_has_its_own_scenario_states() -> None:
    backend, shared = scripted(SCENARIO), services()
    said_so = [await said(backend, shared=shared, messages=word) for word in ("buy", "buy", "buy", "cancel", "buy")]
    assert said_so == ["paid", "already paid", "already paid", "cancelled", "paid"]
    assert await said(backend, shared=shared, session="other", messages="buy") == "paid"


async def test_only_one_of_several_parallel_requests_advances_a_scenario() -> None:
    backend, shared = scripted(SCENARIO), services()
    got = await asyncio.gather(*(said(backend, shared=shared, messages="buy") for _ in range(20)))
    assert (got.count("paid"), got.count("already paid")) == (1, 19)


async def test_a_rules_pace_and_faults_apply_to_replies_without_their_own() -> None:
    backend = scripted(
        "- {pace: {ttft: 2}, fault: stall, sequence: [a, {text: b, pace: {ttft: 9}, faults: [reset, stall]}], name: r}"
    )
    shared = services()
    first, second = call(shared=shared), call(shared=shared)
    for asked in (first, second):
        await backend.reply(asked)
    paces = [asked.delivery.wanted_pace for asked in (first, second)]
    assert [pace.ttft for pace in paces if pace] == [2, 9]
    faults = [[fault.name for fault in asked.delivery.wanted_faults] for asked in (first, second)]
    assert faults == [["stall"], ["reset", "stall"]]
    assert [asked.delivery.wanted_by for asked in (first, second)] == ["script.yaml: r", "script.yaml: r [1]"]


async def test_another_backend_can_answer_unmatched_requests() -> None:
    asked = call(messages="anything")
    answer = await completion(scripted("- {name: r, when: {user: ping}, reply: pong}", "echo"), asked)
    assert answer["choices"][0]["message"]["content"] == "anything"
    assert asked.notes.near_misses[0]["rule"] == "r"


async def test_the_error_for_an_unmatched_request_calls_recordings_by_their_name() -> None:
    script = parse("- {when: {user: ping}, reply: pong}")
    with pytest.raises(APIError, match=r"^No recording matched this request \(1 recording tried\)\.\nNearest:\n"):
        await Scripted(lambda: script, echoing, noun="recording").reply(call())


async def test_the_other_backend_is_created_once_at_the_start() -> None:
    made: list[str] = []

    def other(name: str) -> Backend:
        made.append(name)
        return echoing(name)

    script = parse("")
    backend = Scripted(lambda: script, other, "upstream")
    assert made == ["upstream"]
    assert [await said(backend) for _ in range(2)] == ["Hello", "Hello"]
    assert made == ["upstream"]


async def test_a_changed_script_applies_to_the_next_request() -> None:
    scripts = [parse("- reply: old"), parse("- reply: new")]
    backend = Scripted(lambda: scripts[0], echoing)
    assert await said(backend) == "old"
    scripts.pop(0)
    assert await said(backend) == "new"


def options(*paths: Path, **given: Any) -> Options:
    return Options(scripts=paths, other=echoing, **given)


async def test_the_backend_is_made_from_the_servers_settings(tmp_path: Path) -> None:
    (tmp_path / "s.yaml").write_text("- {when: {user: a}, reply: scripted}")
    backend = make(options(tmp_path, unmatched="echo"))
    assert [await said(backend, messages=text) for text in ("a", "b")] == ["scripted", "b"]


def test_scripts_that_do_not_load_fail_the_start(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="no such file"):
        make(options(tmp_path / "none.yaml"))


async def test_only_one_request_advances_a_scenario_in_a_slow_store() -> None:
    shared = replace(services(), sessions=Sessions(far_away()))
    backend = scripted(SCENARIO)
    got = await asyncio.gather(*(said(backend, shared=shared, messages="buy") for _ in range(20)))
    assert (got.count("paid"), got.count("already paid")) == (1, 19)


async def test_two_rules_never_both_leave_the_same_state() -> None:
    shared = replace(services(), sessions=Sessions(far_away()))
    backend = scripted(
        "- {when: {user: a}, scenario: {name: s, required_state: Started, new_state: A}, reply: won}\n"
        "- {when: {user: b}, scenario: {name: s, required_state: Started, new_state: B}, reply: won}\n"
        "- {reply: lost}"
    )
    got = await asyncio.gather(*(said(backend, shared=shared, messages=word) for word in "abab"))
    assert sorted(map(str, got)) == ["lost", "lost", "lost", "won"]


async def test_hits_are_counted_exactly_in_a_slow_store() -> None:
    shared = replace(services(), sessions=Sessions(far_away()))
    backend = scripted(
        "- {sequence: [a, b, c], then: unmatched, scenario: {name: s, required_state: Started}}\n"
        "- {times: 1, reply: d, scenario: {name: s, required_state: Started, new_state: Over}}\n"
        "- {scenario: {name: s, required_state: Over}, reply: e}"
    )
    got = await asyncio.gather(*(said(backend, shared=shared) for _ in range(20)))
    assert {word: got.count(word) for word in "abcde"} == {"a": 1, "b": 1, "c": 1, "d": 1, "e": 16}


def test_answering_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        asyncio.run(said(scripted("- reply: a")))
    assert caplog.records == []


async def test_a_reply_is_the_same_for_the_same_call() -> None:
    def asked() -> Call:
        return call(messages="x", ordinal=3)

    backend = scripted("- reply: {text: '{{ random.uuid() }}', tool_calls: [a]}")
    answers: list[Reply] = [await backend.reply(asked()) for _ in range(2)]
    assert answers[0] == answers[1]
