"""LiteLLM's OpenAI provider: words, streams, tools, structured output, errors."""

import json
import os
from typing import Any

import litellm
import pytest
from pydantic import BaseModel

ASKED = [{"role": "user", "content": "One two three"}]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class Trip(BaseModel):
    """The type the model fills in."""

    town: str
    nights: int


def ask(**fields: Any) -> Any:
    """Ask the server through LiteLLM."""
    return litellm.completion(
        **{"model": "openai/gpt-4o", "messages": ASKED, "api_base": os.environ["OPENAI_BASE_URL"], **fields},
        num_retries=0,
        max_retries=0,
    )


def test_it_answers() -> None:
    answer = ask()
    assert answer.choices[0].message.content == "One two three"
    assert answer.usage.completion_tokens == 3


def test_it_streams() -> None:
    chunks = list(ask(stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == "One two three"
    assert chunks[-1].usage.completion_tokens == 3


def test_it_calls_tools() -> None:
    [call] = ask(tools=[WEATHER], tool_choice="required").choices[0].message.tool_calls
    assert call.function.name == "get_weather"
    assert set(json.loads(call.function.arguments)) == {"city"}


def test_it_fills_a_schema() -> None:
    Trip.model_validate_json(ask(response_format=Trip).choices[0].message.content)


def test_a_refused_request_is_a_bad_request() -> None:
    with pytest.raises(litellm.BadRequestError):
        ask(n=0)
