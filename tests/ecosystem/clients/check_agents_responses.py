"""openai-agents in its default mode, which calls the Responses API: words, tools, output types, streams."""

import os
from collections.abc import AsyncIterator

import pytest
from agents import Agent, ModelSettings, OpenAIResponsesModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI
from pydantic import BaseModel

# Traces go to a fixed address, whatever the base URL.
set_tracing_disabled(True)


class Trip(BaseModel):
    """The type the agent fills in."""

    town: str
    nights: int


@pytest.fixture
async def model() -> AsyncIterator[OpenAIResponsesModel]:
    async with AsyncOpenAI(base_url=os.environ["OPENAI_BASE_URL"], max_retries=0) as client:
        yield OpenAIResponsesModel(model="gpt-4o", openai_client=client)


async def test_an_agent_answers(model: OpenAIResponsesModel) -> None:
    result = await Runner.run(Agent(name="Echo", instructions="Be kind.", model=model), "Hello there")
    assert result.final_output == "Hello there"


async def test_the_next_turn_continues_the_response(model: OpenAIResponsesModel) -> None:
    agent = Agent(name="Echo", model=model)
    first = await Runner.run(agent, "Hello there")
    second = await Runner.run(agent, "And again", previous_response_id=first.last_response_id)
    assert second.final_output == "And again"
    third = await Runner.run(agent, [*second.to_input_list(), {"role": "user", "content": "Last"}])
    assert third.final_output == "Last"


@pytest.mark.parametrize("name", ["gpt-4o", "gpt-5"])
async def test_an_agent_calls_its_tool_and_ends_in_words(model: OpenAIResponsesModel, name: str) -> None:
    asked: list[str] = []

    @function_tool
    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        asked.append(city)
        return "sunny"

    model.model = name
    agent = Agent(
        name="Forecaster",
        model=model,
        tools=[get_weather],
        model_settings=ModelSettings(tool_choice="required", parallel_tool_calls=False),
    )
    result = await Runner.run(agent, "What is the weather?", max_turns=5)
    assert len(asked) == 1
    assert result.final_output == "get_weather returned: sunny"


async def test_an_agents_output_has_the_type_asked_for(model: OpenAIResponsesModel) -> None:
    result = await Runner.run(Agent(name="Planner", model=model, output_type=Trip), "Plan a trip.")
    assert isinstance(result.final_output, Trip)


async def test_an_agent_hands_over_to_another(model: OpenAIResponsesModel) -> None:
    other = Agent(name="Booker", instructions="Book.", model=model)
    agent = Agent(name="Desk", model=model, handoffs=[other])
    result = await Runner.run(agent, "[[call: transfer_to_booker]] Please book.")
    assert result.last_agent.name == "Booker"


async def test_an_agent_streams(model: OpenAIResponsesModel) -> None:
    result = Runner.run_streamed(Agent(name="Echo", model=model), "One two three")
    kinds = [event.data.type async for event in result.stream_events() if event.type == "raw_response_event"]
    assert kinds.count("response.output_text.delta") > 1
    assert result.final_output == "One two three"
