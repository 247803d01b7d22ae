"""openai-agents with its chat completions model: words, tools, structured output, streams."""

import os
from collections.abc import AsyncIterator

import pytest
from agents import Agent, ModelSettings, OpenAIChatCompletionsModel, Runner, function_tool, set_tracing_disabled
from openai import AsyncOpenAI
from pydantic import BaseModel

# Traces go to a fixed address, whatever the base URL.
set_tracing_disabled(True)


class Trip(BaseModel):
    """The type the agent fills in."""

    town: str
    nights: int


@pytest.fixture
async def model() -> AsyncIterator[OpenAIChatCompletionsModel]:
    async with AsyncOpenAI(base_url=os.environ["OPENAI_BASE_URL"], max_retries=0) as client:
        yield OpenAIChatCompletionsModel(model="gpt-4o", openai_client=client)


async def test_an_agent_answers(model: OpenAIChatCompletionsModel) -> None:
    result = await Runner.run(Agent(name="Echo", instructions="Be kind.", model=model), "Hello there")
    assert result.final_output == "Hello there"


async def test_an_agent_calls_its_tool_and_ends_in_words(model: OpenAIChatCompletionsModel) -> None:
    asked: list[str] = []

    @function_tool
    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        asked.append(city)
        return "sunny"

    agent = Agent(
        name="Forecaster",
        model=model,
        tools=[get_weather],
        model_settings=ModelSettings(tool_choice="required", parallel_tool_calls=False),
    )
    result = await Runner.run(agent, "What is the weather?", max_turns=5)
    assert len(asked) == 1
    assert result.final_output


async def test_an_agents_output_has_the_type_asked_for(model: OpenAIChatCompletionsModel) -> None:
    result = await Runner.run(Agent(name="Planner", model=model, output_type=Trip), "Plan a trip.")
    assert isinstance(result.final_output, Trip)


async def test_an_agent_streams(model: OpenAIChatCompletionsModel) -> None:
    agent = Agent(name="Echo", model=model, model_settings=ModelSettings(include_usage=True))
    result = Runner.run_streamed(agent, "One two three")
    kinds = [event.type async for event in result.stream_events()]
    assert "raw_response_event" in kinds
    assert result.final_output == "One two three"
    assert result.context_wrapper.usage.output_tokens > 0
