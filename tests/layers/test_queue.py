"""Queued replies: the same replies as in scripts, used before any rule."""

import asyncio
from typing import Any

import pytest

from calls import call, services
from chatdouble.backend import Services
from chatdouble.core.errors import APIError
from chatdouble.layers import queue
from scripting import echoing, said, scripted


async def queue_up(shared: Services, *replies: Any, session: str = "sk-test") -> None:
    for reply in queue.checked_replies(list(replies)):
        await shared.sessions.named(session).queue(reply)


def layered(text: str = "- reply: by rule") -> queue.Queued:
    return queue.Queued(scripted(text), echoing)


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
    assert queue.checked_replies("a") == ["a"]
    assert queue.checked_replies([{"text": "a"}, "b"]) == [{"text": "a"}, "b"]


def test_what_is_no_reply_is_refused_with_all_mistakes() -> None:
    with pytest.raises(APIError) as raised:
        queue.checked_replies(["fine", {"txt": "a"}, 5])
    assert (raised.value.status, raised.value.code, raised.value.param) == (400, "invalid_reply", "queue")
    assert raised.value.message.splitlines() == [
        "queue[1].txt: unknown key; did you mean 'text'?",
        "queue[2]: must be an object or a string",
    ]
