"""pydantic-ai with its chat completions model: words, tools, structured output two ways, streams."""

import os

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, ModelHTTPError, NativeOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


class Trip(BaseModel):
    """The type the agent fills in."""

    town: str
    nights: int


@pytest.fixture
def model() -> OpenAIChatModel:
    provider = OpenAIProvider(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])
    return OpenAIChatModel("gpt-4o", provider=provider)


async def test_an_agent_answers(model: OpenAIChatModel) -> None:
    result = await Agent(model, instructions="Be kind.").run("Hello there")
    assert result.output == "Hello there"
    assert result.usage.output_tokens > 0


async def test_an_agent_streams(model: OpenAIChatModel) -> None:
    async with Agent(model).run_stream("One two three") as result:
        pieces = [piece async for piece in result.stream_text(delta=True)]
    assert "".join(pieces) == "One two three"


async def test_an_agent_calls_its_tool_and_ends_in_words(model: OpenAIChatModel) -> None:
    asked: list[str] = []
    agent = Agent(model)

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        asked.append(city)
        return "sunny"

    result = await agent.run("Please use get_weather for Rome.")
    assert len(asked) == 1
    assert result.output


@pytest.mark.parametrize("output", [ToolOutput(Trip), NativeOutput(Trip)], ids=["tool", "native"])
async def test_the_output_has_the_type_asked_for(model: OpenAIChatModel, output: ToolOutput[Trip]) -> None:
    result = await Agent(model, output_type=output).run("Plan a trip.")
    assert isinstance(result.output, Trip)


async def test_a_refused_request_is_a_model_http_error(model: OpenAIChatModel) -> None:
    with pytest.raises(ModelHTTPError) as caught:
        await Agent(model, model_settings={"temperature": 3}).run("Hello")
    assert caught.value.status_code == 400
