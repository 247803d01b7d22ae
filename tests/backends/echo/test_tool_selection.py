"""The tools that echo calls."""

import json
from typing import Any

import pytest
from openai import OpenAI

from echoed import ADD, TIME, WEATHER, calls, choice, function, said, turn, user


@pytest.mark.parametrize(
    "text", ["Use get_weather now", "get_weather?", "Please Get Weather for Paris", "(get-weather)"]
)
async def test_a_text_that_names_a_tool_calls_it(text: str) -> None:
    assert [name for name, _ in await calls(messages=text, tools=[TIME, WEATHER])] == ["get_weather"]


@pytest.mark.parametrize("text", ["Hello", "forget_weather", "get_weather_now", "weather-proof", "get it"])
async def test_a_text_that_names_no_tool_is_answered_in_text(text: str) -> None:
    assert await said(messages=text, tools=[WEATHER]) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What is the weather in Paris?", ["get_weather"]),
        ("The time, and the Weather?", ["get_time", "get_weather"]),
        ("Use get_weather, whatever the time", ["get_weather"]),
        ("Where is my order?", []),
        ("Where are the orders of this customer?", ["listCustomerOrders"]),
        ("Show me the result of that search, finally", []),
    ],
)
async def test_a_text_that_mentions_the_subject_of_a_tool_calls_it(text: str, expected: list[str]) -> None:
    more = [function(name) for name in ("set_weather", "listCustomerOrders", "final_result", "search_user")]
    made = (await choice(messages=text, tools=[TIME, WEATHER, *more]))["message"].get("tool_calls") or []
    assert [one["function"]["name"] for one in made if one["type"] == "function"] == expected


async def test_several_named_tools_are_called_in_the_order_of_the_text() -> None:
    asked: dict[str, Any] = {"messages": "Do get_time and get_weather", "tools": [WEATHER, TIME]}
    assert [name for name, _ in await calls(**asked)] == ["get_time", "get_weather"]
    assert [name for name, _ in await calls(**asked, parallel_tool_calls=False)] == ["get_time"]


async def test_tools_whose_names_share_a_word_are_distinguished() -> None:
    tools = [function(name) for name in ("update_a", "update_b", "a_update", "update-b")]
    text = "update b, then a_update"
    assert [name for name, _ in await calls(messages=text, tools=tools)] == ["update_b", "update-b", "a_update"]


async def test_a_header_calls_the_tools_it_names() -> None:
    asked: dict[str, Any] = {"tools": [WEATHER, TIME, ADD], "headers": {"x-double-call": "add, get_time, unknown"}}
    assert [name for name, _ in await calls(**asked)] == ["add", "get_time"]


async def test_a_tool_without_a_name_is_not_called_by_text_or_header() -> None:
    assert await said(messages="Hello, you", tools=[function("")]) == "Hello, you"
    assert await said(messages="Hello, you", tools=[function("")], headers={"x-double-call": "a,,b"}) == "Hello, you"


async def test_a_tool_that_is_not_allowed_is_not_called() -> None:
    allowed = {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [TIME]}}
    text = "get_weather and get_time"
    assert [name for name, _ in await calls(messages=text, tools=[WEATHER, TIME], tool_choice=allowed)] == ["get_time"]
    assert await said(messages=text, tools=[WEATHER, TIME], tool_choice="none") == text


async def test_a_new_user_message_calls_again() -> None:
    history = [user("get_time"), *turn("get_time", "noon"), {"role": "assistant", "content": "Noon."}]
    assert len(await calls(messages=[*history, user("get_time again")], tools=[TIME])) == 1


async def test_required_calls_go_through_the_tools_and_stay_at_the_last() -> None:
    tools = [WEATHER, TIME, function("final_result", answer={"type": "string"})]
    messages: list[dict[str, Any]] = [user("Hello")]
    called: list[str] = []
    for number in range(4):
        ((name, _),) = await calls(messages=messages, tools=tools, tool_choice="required")
        called.append(name)
        messages += turn(name, "done", f"call_{number}")
    assert called == ["get_weather", "get_time", "final_result", "final_result"]


def test_an_agent_loop_of_the_official_client_ends(client: OpenAI) -> None:
    messages: list[Any] = [user("Please add(2, 3)")]
    tools: list[Any] = [ADD]
    said_last: list[str | None] = []
    for _ in range(5):
        message = client.chat.completions.create(model="gpt-4o", messages=messages, tools=tools).choices[0].message
        if not message.tool_calls:
            said_last.append(message.content)
            break
        messages.append(message)
        for made in message.tool_calls:
            assert made.type == "function"
            arguments = json.loads(made.function.arguments)
            result = str(arguments["a"] + arguments["b"])
            messages.append({"role": "tool", "tool_call_id": made.id, "content": result})
    assert [one["content"] for one in messages[2:]] == ["5"]
    assert said_last == ["add returned: 5"]
