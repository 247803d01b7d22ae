"""pydantic-ai in the mode of `openai:NAME`, the Responses API: words, tools, output types, streams, hosted tools."""

import os

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, ModelHTTPError, NativeOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider


class Trip(BaseModel):
    """The type the agent fills in."""

    town: str
    nights: int


@pytest.fixture(params=["gpt-4o", "gpt-5"])
def model(request: pytest.FixtureRequest) -> OpenAIResponsesModel:
    provider = OpenAIProvider(base_url=os.environ["OPENAI_BASE_URL"], api_key=os.environ["OPENAI_API_KEY"])
    return OpenAIResponsesModel(request.param, provider=provider)


async def test_an_agent_answers_and_goes_on(model: OpenAIResponsesModel) -> None:
    agent = Agent(model, instructions="Be kind.")
    first = await agent.run("Hello there")
    assert first.output == "Hello there"
    assert first.usage.output_tokens > 0
    second = await agent.run("And again", message_history=first.all_messages())
    assert second.output == "And again"


async def test_an_agent_streams(model: OpenAIResponsesModel) -> None:
    async with Agent(model).run_stream("One two three") as result:
        pieces = [piece async for piece in result.stream_text(delta=True)]
    assert "".join(pieces) == "One two three"


async def test_an_agent_calls_its_tool_and_ends_in_words(model: OpenAIResponsesModel) -> None:
    asked: list[str] = []
    agent = Agent(model)

    @agent.tool_plain
    def get_weather(city: str) -> str:
        """Tell the weather of a city."""
        asked.append(city)
        return "sunny"

    result = await agent.run("Please use get_weather for Rome.")
    assert len(asked) == 1
    assert result.output == "get_weather returned: sunny"


@pytest.mark.parametrize("output", [ToolOutput(Trip), NativeOutput(Trip)], ids=["tool", "native"])
async def test_the_output_has_the_type_asked_for(model: OpenAIResponsesModel, output: ToolOutput[Trip]) -> None:
    result = await Agent(model, output_type=output).run("Plan a trip.")
    assert isinstance(result.output, Trip)


async def test_a_refused_request_is_a_model_http_error(model: OpenAIResponsesModel) -> None:
    with pytest.raises(ModelHTTPError) as caught:
        await Agent(model, model_settings={"max_tokens": 1}).run("Hello")
    assert caught.value.status_code == 400
