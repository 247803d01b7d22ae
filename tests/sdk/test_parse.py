"""Structured output and tools as pydantic models through `chat.completions.parse` of the official Python client."""

from datetime import date
from enum import Enum
from typing import Literal

import pytest
from openai import AsyncOpenAI, LengthFinishReasonError, OpenAI, pydantic_function_tool
from openai.types.chat import ChatCompletionMessageParam
from pydantic import BaseModel, Field

ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Plan a trip for two."}]


class Mood(Enum):
    """An enum."""

    CALM = "calm"
    WILD = "wild"


class Stop(BaseModel):
    """A nested model."""

    town: str
    nights: int = Field(ge=1, le=14)


class Trip(BaseModel):
    """A model with enums, unions, lists, bounds, dates and nulls."""

    title: str = Field(description="A short name for the trip.")
    mood: Mood
    kind: Literal["beach", "city"]
    start: date
    price: float
    booked: bool
    note: str | None
    where: Stop | Literal["anywhere"]
    stops: list[Stop] = Field(min_length=1, max_length=3)


class Node(BaseModel):
    """A recursive model."""

    name: str
    children: list["Node"]


class GetWeather(BaseModel):
    """Tells the weather."""

    city: str
    days: int


class BookRoom(BaseModel):
    """Books a room."""

    nights: int
    trip: Trip


@pytest.mark.parametrize("wanted", [Trip, Node, Stop])
def test_an_answer_parses_as_the_requested_model(client: OpenAI, wanted: type[BaseModel]) -> None:
    completion = client.chat.completions.parse(model="gpt-4o", messages=ASKED, response_format=wanted)
    message = completion.choices[0].message
    assert isinstance(message.parsed, wanted)
    assert message.refusal is None


async def test_the_async_client_parses_answers(async_client: AsyncOpenAI) -> None:
    completion = await async_client.chat.completions.parse(model="gpt-5-mini", messages=ASKED, response_format=Trip)
    assert isinstance(completion.choices[0].message.parsed, Trip)


def test_the_same_request_gives_the_same_instance(client: OpenAI) -> None:
    first, second = (
        client.chat.completions.parse(model="gpt-4o", messages=ASKED, response_format=Trip) for _ in range(2)
    )
    assert first.choices[0].message.parsed == second.choices[0].message.parsed


def test_a_truncated_structured_answer_raises_the_clients_length_error(client: OpenAI) -> None:
    with pytest.raises(LengthFinishReasonError) as caught:
        client.chat.completions.parse(model="gpt-4o", messages=ASKED, response_format=Trip, max_tokens=3)
    assert caught.value.completion.choices[0].finish_reason == "length"


def test_required_tools_are_called_with_arguments_that_parse(client: OpenAI) -> None:
    completion = client.chat.completions.parse(
        model="gpt-4o",
        messages=ASKED,
        tools=[pydantic_function_tool(GetWeather), pydantic_function_tool(BookRoom)],
        tool_choice="required",
    )
    calls = completion.choices[0].message.tool_calls or []
    assert calls
    models: dict[str, type[BaseModel]] = {"GetWeather": GetWeather, "BookRoom": BookRoom}
    for call in calls:
        assert isinstance(call.function.parsed_arguments, models[call.function.name])
    assert completion.choices[0].finish_reason == "tool_calls"


def test_a_named_tool_is_called(client: OpenAI) -> None:
    completion = client.chat.completions.parse(
        model="gpt-4o",
        messages=ASKED,
        tools=[pydantic_function_tool(GetWeather), pydantic_function_tool(BookRoom)],
        tool_choice={"type": "function", "function": {"name": "BookRoom"}},
    )
    [call] = completion.choices[0].message.tool_calls or []
    assert isinstance(call.function.parsed_arguments, BookRoom)
    # a named function finishes with "stop"; only a choice of the model's own says "tool_calls"
    assert completion.choices[0].finish_reason == "stop"


def test_tool_choice_none_calls_no_tool(client: OpenAI) -> None:
    completion = client.chat.completions.create(
        model="gpt-4o", messages=ASKED, tools=[pydantic_function_tool(GetWeather)], tool_choice="none"
    )
    assert completion.choices[0].message.tool_calls is None
    assert completion.choices[0].message.content == ASKED[0].get("content")


def test_an_agent_loop_ends_with_text(client: OpenAI) -> None:
    tools = [pydantic_function_tool(GetWeather)]
    first = client.chat.completions.create(
        model="gpt-4o", messages=ASKED, tools=tools, tool_choice="required", parallel_tool_calls=False
    )
    [call] = first.choices[0].message.tool_calls or []
    answered: list[ChatCompletionMessageParam] = [
        *ASKED,
        {
            "role": "assistant",
            "tool_calls": [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": "GetWeather", "arguments": '{"city": "Rome", "days": 2}'},
                }
            ],
        },
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
    ]
    second = client.chat.completions.create(model="gpt-4o", messages=answered, tools=tools)
    assert second.choices[0].finish_reason == "stop"
    assert second.choices[0].message.content
