"""Parallel tests on one server, each with its own session."""

import asyncio

import pytest
from openai import AsyncOpenAI, NotFoundError

from chatdouble.settings import Settings
from chatdouble.testing.server import running

SCRIPT = r"""
- when: {user: next}
  sequence: ["one {{ session }}", "two {{ session }}", "three {{ session }}"]
  then: unmatched
- {when: {user: buy}, scenario: {name: s, required_state: Started, new_state: Over}, reply: bought}
- {when: {user: buy}, scenario: {name: s, required_state: Over}, reply: sold out}
- when: {user: {matches: 'flaky (?P<what>\w+)'}}
  sequence: [{error: {status: 500, retry_after: 0.001}}, "{{ match.what }}"]
"""


async def one_test(client: AsyncOpenAI) -> list[str | None]:
    """Return what one test hears, which asks like all the others, at the same time."""

    async def say(text: str) -> str | None:
        asked = await client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])
        return asked.choices[0].message.content

    heard = [await say(text) for text in ("next", "buy", "next", "buy", "flaky thing", "next")]
    with pytest.raises(NotFoundError, match="at most 3 answers in a session"):
        await say("next")
    return heard


async def test_a_hundred_sessions_do_not_affect_each_other(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "s.yaml").write_text(SCRIPT)
    sessions = [f"sk-test-{number}" for number in range(100)]
    with running(Settings(scripts=(folder,))) as server:
        async with AsyncOpenAI(base_url=server.base_url, api_key="none") as client:
            tests = [one_test(client.with_options(api_key=session)) for session in sessions]
            heard = await asyncio.gather(*tests)
    assert heard == [
        [f"one {session}", "bought", f"two {session}", "sold out", "thing", f"three {session}"] for session in sessions
    ]


async def test_a_reset_clears_a_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("scripts")
    (folder / "s.yaml").write_text(SCRIPT)
    with running(Settings(scripts=(folder,))) as server:
        async with AsyncOpenAI(base_url=server.base_url, api_key="sk-test-a") as client:
            first = await one_test(client)
            await client.with_options(base_url=server.origin).post("/_double/reset", cast_to=object)
            assert await one_test(client) == first
