"""LangChain's standard tests of a chat model, passed by ChatOpenAI with either API, with no script."""

import os
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests

# One red pixel, so that no test asks the network for a picture.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="


class TestChatOpenAI(ChatModelIntegrationTests):
    """The whole standard suite; what it leaves out needs a network (pictures, files) or no OpenAI model."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        """The model under test."""
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict[str, Any]:
        """Arguments of the model under test."""
        return {
            "model": "gpt-4o",
            "base_url": os.environ["OPENAI_BASE_URL"],
            "api_key": os.environ["OPENAI_API_KEY"],
            "max_retries": 0,
            "stream_usage": True,
        }

    @property
    def supports_json_mode(self) -> bool:
        """True: it has a JSON mode."""
        return True

    @property
    def supports_model_override(self) -> bool:
        """True: a call may name another model."""
        return True

    @property
    def model_override_value(self) -> str:
        """That other model."""
        return "gpt-4o-mini"


class TestChatOpenAIResponses(TestChatOpenAI):
    """The same suite with the Responses API."""

    @property
    def chat_model_params(self) -> dict[str, Any]:
        """Arguments of the model under test."""
        return {**super().chat_model_params, "use_responses_api": True}


def connected(**more: Any) -> ChatOpenAI:
    """Return a model that asks the server."""
    url, key = os.environ["OPENAI_BASE_URL"], os.environ["OPENAI_API_KEY"]
    return ChatOpenAI(model="gpt-4o", base_url=url, api_key=key, max_retries=0, **more)


@pytest.fixture
def model() -> ChatOpenAI:
    return connected()


def test_a_web_search_of_the_responses_api_is_made_and_cited() -> None:
    searching = connected(use_responses_api=True).bind_tools([{"type": "web_search"}])
    answer = searching.invoke("Latest news [[call:web_search]]")
    kinds = [block["type"] for block in answer.content if isinstance(block, dict)]
    assert kinds == ["web_search_call", "text"]
    assert answer.content[1]["annotations"][0]["type"] == "url_citation"


def test_a_picture_is_taken_and_counted(model: ChatOpenAI) -> None:
    plain = model.invoke([HumanMessage([{"type": "text", "text": "What is this?"}])])
    seen = model.invoke(
        [
            HumanMessage(
                [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image", "base64": PIXEL, "mime_type": "image/png"},
                ]
            )
        ]
    )
    assert seen.content == plain.content == "What is this?"
    assert seen.usage_metadata["input_tokens"] > plain.usage_metadata["input_tokens"]


def test_logprobs_arrive(model: ChatOpenAI) -> None:
    answer = model.bind(logprobs=True).invoke("Hello")
    spelled = "".join(token["token"] for token in answer.response_metadata["logprobs"]["content"])
    assert spelled == answer.content == "Hello"
