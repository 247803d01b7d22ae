"""Scripted conversations: a turn answers the next request of its conversation, and no other."""

import asyncio
from typing import Any

import pytest

from calls import call, services
from chatdouble.backend import Services
from chatdouble.core.errors import APIError
from chatdouble.layers import conversations
from chatdouble.layers.turns import Conversing
from chatdouble.scripts.reading.load import NO_UPSTREAM
from scripting import echoing, said, scripted, tool_messages


async def script(shared: Services, *turns: Any, **conversation: Any) -> str:
    given = {"turns": [*turns], **({"conversation": conversation} if conversation else {})}
    return await conversations.add(shared.sessions.named("sk-test"), given)


def layered() -> Conversing:
    return Conversing(scripted("- reply: by rule"), echoing)


async def refused(shared: Services, **request: Any) -> APIError:
    with pytest.raises(APIError) as raised:
        await layered().reply(call(shared=shared, **request))
    return raised.value


def agent(name: str) -> dict[str, Any]:
    return {"messages": [{"role": "system", "content": f"You are {name}."}, {"role": "user", "content": "Go on."}]}


async def test_turns_answer_in_order_and_then_no_turn_is_left() -> None:
    shared = services()
    await script(shared, "one", {"when": {"user": "B*"}, "reply": "two {{ counter.rule }}"})
    assert [await said(layered(), shared=shared, messages=text) for text in ("A", "Bee")] == ["one", "two 2"]
    error = await refused(shared, messages="Bee")
    assert (error.status, error.code, error.headers) == (404, "turn_mismatch", {"x-should-retry": "false"})
    assert error.message == "No turn is left in the conversation script_1: all its 2 turns have answered."


async def test_a_request_that_does_not_fit_shows_every_field_and_does_not_advance() -> None:
    shared = services()
    await script(shared, {"when": {"user": "Add*", "model": "gpt-5*", "stream": True}, "reply": "added"}, name="adder")
    asked = call(shared=shared, messages="Drop it")
    with pytest.raises(APIError) as raised:
        await layered().reply(asked)
    assert raised.value.message.splitlines() == [
        "This request does not fit turn 1 of 1 of the conversation adder, which still waits:",
        *("  model", '       expected: "gpt-5*"', '       found:    "gpt-4o"'),
        *("  stream", "       expected: true", "       found:    false"),
        *("  user", '       expected: "Add*"', '       found:    "Drop it"'),
    ]
    noted = asked.notes.noted()
    assert noted["turn"] == {"conversation": "adder", "number": 1, "of": 1, "fits": False}
    assert [miss["condition"] for miss in noted["near_misses"]] == ["model", "stream", "user"]
    assert noted["near_misses"][0]["rule"] == "turn 1 of adder"
    right: dict[str, Any] = {"model": "gpt-5.4-mini", "messages": "Add it", "stream": True}
    assert await said(layered(), shared=shared, **right) == "added"


async def test_conversations_are_told_apart_by_their_conditions_or_their_model() -> None:
    shared = services()
    await script(shared, "parent 1", "parent 2")
    await script(shared, "writer 1", "writer 2", when={"system": "*a writer*"})
    await script(shared, "small 1", model="gpt-5.4-mini")
    asked: list[dict[str, Any]] = [agent("a writer"), {"model": "gpt-5.4-mini"}, {}, agent("a writer"), agent("a boss")]
    got = [await said(layered(), shared=shared, **request) for request in asked]
    assert got == ["writer 1", "small 1", "parent 1", "writer 2", "parent 2"]
    assert "No turn is left in the conversation script_2" in (await refused(shared, **agent("a writer"))).message


async def test_a_conversation_goes_on_with_tool_results() -> None:
    shared = services()
    await script(shared, "called", {"when": {"tool_result": {"name": "f"}}, "reply": "done"}, when={"user": "Work*"})
    work: list[dict[str, Any]] = [{"role": "user", "content": "Work hard"}]
    assert await said(layered(), shared=shared, messages=work) == "called"
    assert await said(layered(), shared=shared, messages=[*work, *tool_messages("f", "7")]) == "done"


async def test_of_alike_conversations_the_one_whose_turn_fits_answers() -> None:
    shared = services()
    for topic in ("tea", "rum"):
        await script(
            shared, {"when": {"user": topic}, "reply": topic}, {"when": {"user": "more"}, "reply": f"+{topic}"}
        )
    got = [await said(layered(), shared=shared, messages=text) for text in ("rum", "tea", "more", "more")]
    assert got == ["rum", "tea", "+tea", "+rum"]


async def test_a_mismatch_names_the_nearest_conversation_and_the_others() -> None:
    shared = services()
    await script(shared, {"when": {"user": "x", "turn": 5}, "reply": "far"}, name="far")
    await script(shared, {"when": {"user": "y"}, "reply": "near"}, name="near")
    error = await refused(shared, messages="z")
    assert "turn 1 of 1 of the conversation near" in error.message
    assert error.message.endswith("Nor does it fit the next turn of far.")


async def test_a_request_of_no_conversation_is_answered_as_ever() -> None:
    shared = services()
    await script(shared, "turn", when={"system": "*writer*"})
    assert await said(layered(), shared=shared) == "by rule"


async def test_parallel_requests_never_take_the_same_turn() -> None:
    shared = services()
    await script(shared, *map(str, range(20)))
    got = await asyncio.gather(*(said(layered(), shared=shared) for _ in range(20)))
    assert sorted(map(int, map(str, got))) == list(range(20))


async def test_captures_reach_the_reply_and_a_failed_template_names_the_turn() -> None:
    shared = services()
    await script(
        shared, {"when": {"user": {"matches": "in (?P<city>\\w+)"}}, "reply": "{{ match.city }}"}, "{{ no.x }}"
    )
    assert await said(layered(), shared=shared, messages="in Oslo") == "Oslo"
    assert (await refused(shared)).message.startswith("turn 2 of script_1: the template")


async def test_a_turn_may_be_an_error_and_the_journal_names_it() -> None:
    shared = services()
    await script(shared, {"reply": {"error": {"status": 429, "retry_after": 2}}})
    asked = call(shared=shared)
    with pytest.raises(APIError) as raised:
        await layered().reply(asked)
    assert (raised.value.status, raised.value.headers["retry-after"]) == (429, "2")
    turn = {"conversation": "script_1", "number": 1, "of": 1, "fits": True}
    assert asked.notes.noted() == {"rule": "turn", "turn": turn}


async def test_clearing_ends_all_conversations() -> None:
    shared = services()
    await script(shared, "one", "two")
    session = shared.sessions.named("sk-test")
    await said(layered(), shared=shared)
    assert await conversations.clear(session) == 1
    assert await conversations.all_of(session) == []
    assert await said(layered(), shared=shared) == "by rule"


@pytest.mark.parametrize(
    ("given", "mistakes"),
    [
        (
            {"turns": [{"when": {"usr": "x"}, "reply": {"txt": "y"}}], "conversaton": {}},
            [
                "script.turns[0].when.usr: unknown key; did you mean 'user'?",
                "script.turns[0].reply.txt: unknown key; did you mean 'text'?",
                "script.conversaton: unknown key; did you mean 'conversation'?",
            ],
        ),
        ({"turns": []}, ["script.turns: List should have at least 1 item after validation, not 0"]),
        (
            [{"when": {"hits": 1}, "reply": "x"}],
            ["script.turns[0]: `hits` counts the answers of a rule, and this is none"],
        ),
        ("text", ["script: must be an object or a list"]),
        (
            {"turns": ["fine", {"reply": {"upstream": True}}]},
            [f"script.turns[1].reply.upstream: {NO_UPSTREAM}"],
        ),
    ],
)
async def test_a_script_that_is_none_is_refused_with_all_mistakes(given: Any, mistakes: list[str]) -> None:
    session = services().sessions.named("sk-test")
    with pytest.raises(APIError) as raised:
        await conversations.add(session, given, has_upstream=False)
    assert (raised.value.status, raised.value.code) == (400, "invalid_script")
    assert raised.value.message.splitlines() == mistakes
    assert await conversations.all_of(session) == []


async def test_a_session_has_a_limited_number_of_conversations_and_turns() -> None:
    shared = services()
    for _ in range(conversations.MOST):
        await script(shared, "turn")
    with pytest.raises(APIError, match="at most 200 conversations") as raised:
        await script(shared, "turn")
    assert raised.value.code == "too_many_turns"
    await conversations.clear(shared.sessions.named("sk-test"))
    with pytest.raises(APIError, match="10000 turns together"):
        await script(shared, *["turn"] * (conversations.MOST_TURNS + 1))
