"""Queued replies: the same replies as in scripts, used before any rule."""

import asyncio
from typing import Any

import pytest

from calls import call, services
from chatdouble.backend import Services
from chatdouble.core.errors import APIError
from chatdouble.layers.queue import Queued, checked_replies
from scripting import echoing, said, scripted


async def queue_up(shared: Services, *replies: Any, session: str = "sk-test") -> None:
    for reply in checked_replies(list(replies)):
        await shared.sessions.named(session).queue(reply)


def layered(text: str = "- reply: by rule") -> Queued:
    return Queued(scripted(text), echoing)


async def test_queued_replies_come_first_in_order_and_once_each() -> None:
    shared = services()
    await queue_up(shared, "one", {"text": "two {{ counter.rule }}"})
    assert await shared.sessions.named("sk-test").queued() == ["one", {"text": "two {{ counter.rule }}"}]
    assert [await said(layered(), shared=shared) for _ in range(3)] == ["one", "two 2", "by rule"]
    assert await shared.sessions.named("sk-test").queued() == []


async def test_they_are_used_by_their_own_session_only() -> None:
    shared = services()
    await queue_up(shared, "mine", session="a")
    assert [await said(layered(), shared=shared, session=session) for session in ("b", "a")] == ["by rule", "mine"]


async def test_parallel_requests_use_each_once() -> None:
    shared = services()
    await queue_up(shared, *map(str, range(20)))
    got = await asyncio.gather(*(said(layered(), shared=shared) for _ in range(20)))
    assert sorted(map(int, map(str, got))) == list(range(20))


async def test_a_queued_error_is_raised_and_the_journal_says_where_it_came_from() -> None:
    shared = services()
    await queue_up(shared, {"error": 503})
    asked = call(shared=shared)
    with pytest.raises(APIError) as raised:
        await layered().reply(asked)
    assert (raised.value.status, asked.notes.noted()) == (503, {"rule": "queue"})


async def test_a_queued_reply_may_leave_the_answer_to_another_backend() -> None:
    shared = services()
    await queue_up(shared, {"echo": True})
    assert await said(layered(), shared=shared, messages="say it back") == "say it back"


async def test_a_template_that_fails_says_that_it_was_queued() -> None:
    shared = services()
    await queue_up(shared, "{{ match.city }}")
    with pytest.raises(APIError, match="queued reply 1: the template"):
        await said(layered(), shared=shared)


def test_one_reply_or_a_list_is_taken() -> None:
    assert checked_replies("a") == ["a"]
    assert checked_replies([{"text": "a"}, "b"]) == [{"text": "a"}, "b"]


def test_what_is_no_reply_is_refused_with_all_mistakes() -> None:
    with pytest.raises(APIError) as raised:
        checked_replies(["fine", {"txt": "a"}, 5])
    assert (raised.value.status, raised.value.code, raised.value.param) == (400, "invalid_reply", "queue")
    assert raised.value.message.splitlines() == [
        "queue[1].txt: unknown key; did you mean 'text'?",
        "queue[2]: must be an object or a string",
    ]


async def test_a_reply_with_conditions_waits_for_its_request() -> None:
    shared = services()
    writer = {"when": {"system": "*writer*"}, "reply": "draft"}
    await queue_up(shared, writer, {"model": "gpt-5*", "reply": "title"}, "any")
    system = [{"role": "system", "content": "A writer"}, {"role": "user", "content": "Go"}]
    asked: list[dict[str, Any]] = [{"model": "gpt-5.4-mini"}, {}, {"messages": system}, {}]
    assert [await said(layered(), shared=shared, **one) for one in asked] == ["title", "any", "draft", "by rule"]


async def test_a_reply_may_answer_several_requests() -> None:
    shared = services()
    await queue_up(shared, {"reply": "{{ counter.rule }}", "times": 3}, "last")
    assert await shared.sessions.named("sk-test").queued() == [*[{"reply": "{{ counter.rule }}"}] * 3, "last"]
    assert [await said(layered(), shared=shared) for _ in range(5)] == ["1", "2", "3", "last", "by rule"]


async def test_what_a_condition_captures_reaches_the_reply() -> None:
    shared = services()
    await queue_up(shared, {"when": {"user": {"matches": "in (?P<city>\\w+)"}}, "reply": "{{ match.city }}"})
    assert await said(layered(), shared=shared, messages="in Oslo") == "Oslo"


async def test_parallel_agents_take_their_own_replies() -> None:
    shared = services()
    await queue_up(shared, *({"when": {"user": f"agent {at % 2}"}, "reply": str(at)} for at in range(20)))
    got = await asyncio.gather(*(said(layered(), shared=shared, messages=f"agent {at % 2}") for at in range(20)))
    assert all(int(str(reply)) % 2 == at % 2 for at, reply in enumerate(got))
    assert len(set(got)) == 20


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ({"reply": "x", "wen": {}}, "queue[0].wen: unknown key; did you mean 'when'?"),
        ({"reply": {"txt": "x"}, "when": {"usr": "x"}}, "queue[0].reply.txt: unknown key; did you mean 'text'?"),
        ({"when": {"user": "x"}}, "queue[0].reply: Field required"),
        ({"reply": "x", "times": 0}, "queue[0].times: must be greater than or equal to 1"),
        ({"reply": "x", "when": {"hits": 1}}, "queue[0]: `hits` counts the answers of a rule, and this is none"),
        ([{"reply": "x", "times": 6000}] * 2, "A queue holds at most 10000 replies."),
    ],
)
def test_what_is_no_reply_with_conditions_is_refused(given: Any, mistake: str) -> None:
    with pytest.raises(APIError) as raised:
        checked_replies(given)
    assert mistake in raised.value.message.splitlines()


def test_a_reply_with_conditions_may_not_ask_for_an_upstream_that_is_not_there() -> None:
    with pytest.raises(APIError, match=r"queue\[0\].reply.upstream: there is no upstream"):
        checked_replies({"reply": {"upstream": True}, "model": "gpt-4o"}, has_upstream=False)
