"""Scripted conversations over real sockets: agents of the official client whose every turn is checked."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Final

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import control

TOOLS: Final[Any] = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("get_weather", "get_trains")
]

TRIP: Final[Any] = [
    {"when": {"user": "*Oslo*", "tools": ["get_weather"]}, "reply": {"tool_calls": [{"get_weather": {}}]}},
    {"reply": {"error": {"status": 429, "retry_after": 0.01}}},
    {
        "when": {"tool_result": {"name": "get_weather", "text": "rain"}},
        "reply": {"tool_calls": [{"get_trains": {}}]},
    },
    {"when": {"tool_result": {"name": "get_trains"}}, "reply": "Take the {{ tool.text }}."},
]


async def run_agent(client: AsyncOpenAI, results: dict[str, str], system: str = "You plan trips.") -> str | None:
    """Run the loop of an agent: call the tools that the model asks for until it answers in words."""
    messages: Any = [{"role": "system", "content": system}, {"role": "user", "content": "To Oslo, please."}]
    while True:
        answer = await client.chat.completions.create(model="gpt-4o", messages=messages, tools=TOOLS)
        message = answer.choices[0].message
        if not message.tool_calls:
            return message.content
        messages.append(message.to_dict())
        for asked in message.tool_calls:
            name = asked.to_dict()["function"]["name"]  # type: ignore[index]
            messages.append({"role": "tool", "tool_call_id": asked.id, "content": results[name]})


@pytest.fixture
def client_of(server: RunningServer) -> Callable[..., AsyncOpenAI]:
    """Return a way to make an official client with a key."""

    def made(key: str, retries: int = 2) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=server.base_url, api_key=key, max_retries=retries)

    return made


async def told(server: RunningServer, key: str, method: str, path: str, body: object = None) -> Any:
    return await asyncio.to_thread(control, server, key, method, path, body)


async def test_an_agent_goes_through_three_turns_and_a_429_in_the_middle(
    server: RunningServer, key: str, client_of: Callable[..., AsyncOpenAI]
) -> None:
    assert await told(server, key, "POST", "script", {"turns": TRIP}) == {"id": "script_1", "waiting": 4}
    async with client_of(key) as client:
        assert await run_agent(client, {"get_weather": "rain", "get_trains": "8:15"}) == "Take the 8:15."
    entries = (await told(server, key, "GET", "requests"))["data"]
    assert [(entry["status"], entry["rule"], entry["turn"]["number"]) for entry in entries] == [
        (200, "turn", 1),
        (429, "turn", 2),
        (200, "turn", 3),
        (200, "turn", 4),
    ]
    (shown,) = (await told(server, key, "GET", "script"))["data"]
    assert shown["waiting"] == 0
    assert [turn["request"] for turn in shown["turns"]] == [entry["id"] for entry in entries]


async def test_a_wrong_second_turn_stops_the_agent_at_once_with_a_readable_message(
    server: RunningServer, key: str, client_of: Callable[..., AsyncOpenAI]
) -> None:
    await told(server, key, "POST", "script", {"turns": [TRIP[0], *TRIP[2:]], "conversation": {"name": "trip"}})
    async with client_of(key) as client:
        with pytest.raises(openai.NotFoundError) as raised:
            await run_agent(client, {"get_weather": "sun", "get_trains": "8:15"})
    assert raised.value.code == "turn_mismatch"
    assert raised.value.response.headers["x-should-retry"] == "false"
    assert "This request does not fit turn 2 of 3 of the conversation trip, which still waits:" in raised.value.message
    assert '       expected: a result with name "get_weather", text "rain"' in raised.value.message
    assert '       found:    ["sun"]' in raised.value.message
    first, wrong = (await told(server, key, "GET", "requests"))["data"]
    assert (first["turn"]["fits"], wrong["turn"]["fits"], wrong["status"]) == (True, False, 404)
    assert wrong["near_misses"][0]["condition"] == "tool_result"
    problems = (await told(server, key, "GET", "verdict"))["problems"]
    found = [(problem["kind"], problem["found"]) for problem in problems if problem["kind"].startswith("turn")]
    assert sorted(found) == [
        ("turn_mismatch", 'tool_result: ["sun"]'),
        ("turn_not_reached", "turn 2 of 3 of trip"),
        ("turn_not_reached", "turn 3 of 3 of trip"),
    ]
    waiting = await server.app.control.turns.waiting(key)
    assert [(turn["conversation"], turn["number"], turn["of"]) for turn in waiting] == [("trip", 2, 3), ("trip", 3, 3)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
async def test_a_parent_and_two_sub_agents_on_one_key_run_in_any_order(
    server: RunningServer, key: str, client_of: Callable[..., AsyncOpenAI], order: tuple[int, ...]
) -> None:
    names = ("the parent", "a writer", "a critic")
    await told(server, key, "POST", "script", {"turns": ["Delegate.", "All done."]})
    for name in names[1:]:
        turns: Any = [{"reply": {"tool_calls": [{"get_weather": {}}]}}, {"when": {"tool_result": True}, "reply": name}]
        given = {"turns": turns, "conversation": {"when": {"system": f"You are {name}."}}}
        await told(server, key, "POST", "script", given)
    async with client_of(key) as client:
        runs = [run_agent(client, {"get_weather": "rain"}, f"You are {names[at]}.") for at in order]
        got = await asyncio.gather(*runs)
        assert got == [("Delegate.", "a writer", "a critic")[at] for at in order]
        assert await run_agent(client, {}, "You are the parent.") == "All done."
    assert await server.app.control.turns.waiting(key) == []


async def test_two_hundred_sessions_with_turns_do_not_mix(
    server: RunningServer, client_of: Callable[..., AsyncOpenAI]
) -> None:
    async def one(number: int, client: AsyncOpenAI) -> str | None:
        key = f"sk-turns-{number}"
        reply = f"{number} by {{{{ tool.text }}}}"
        await server.app.control.turns.add(key, [*TRIP[:1], {"when": {"tool_result": "rain"}, "reply": reply}])
        said = await run_agent(client.with_options(api_key=key), {"get_weather": "rain"})
        await server.app.control.reset(key)
        return said

    async with client_of("sk-turns") as shared:
        got = await asyncio.gather(*(one(number, shared) for number in range(200)))
    assert got == [f"{number} by rain" for number in range(200)]


def test_deleting_says_how_many_turns_still_waited(server: RunningServer, client: OpenAI, key: str) -> None:
    control(server, key, "POST", "script", {"turns": ["one", "two"]})
    asked: Any = [{"role": "user", "content": "Hello!"}]
    assert client.chat.completions.create(model="gpt-4o", messages=asked).choices[0].message.content == "one"
    assert control(server, key, "DELETE", "script") == {"dropped": 1}
    assert client.chat.completions.create(model="gpt-4o", messages=asked).choices[0].message.content == "Hello!"
    assert control(server, key, "GET", "script") == {"object": "list", "data": []}


def test_a_wrong_script_is_refused_with_its_mistakes(server: RunningServer, key: str) -> None:
    refused = control(server, key, "POST", "script", {"turns": [{"when": {"usr": "x"}, "reply": "y"}]})
    assert refused["error"]["code"] == "invalid_script"
    assert refused["error"]["message"] == "script.turns[0].when.usr: unknown key; did you mean 'user'?"
    assert control(server, key, "GET", "script")["data"] == []


def test_a_script_of_another_session_needs_the_control_key(serve: Serve) -> None:
    with serve(control_key="sk-control") as served:
        refused = control(served, "sk-mine", "POST", "script?session=sk-other", {"turns": ["x"]})
        assert refused["error"]["code"] == "control_key_required"
        control(served, "sk-control", "POST", "script?session=sk-other", {"turns": ["x"]})
        (shown,) = control(served, "sk-other", "GET", "script")["data"]
        assert (shown["waiting"], json.dumps(shown["turns"][0]["reply"])) == (1, '"x"')
