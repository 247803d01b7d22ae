"""LangChain's standard tests of a chat model, passed by ChatOpenAI with the Responses API, with no script."""

import os
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests


class TestChatOpenAIResponses(ChatModelIntegrationTests):
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
            "use_responses_api": True,
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


@pytest.fixture
def model() -> ChatOpenAI:
    return ChatOpenAI(
        model="gpt-4o",
        base_url=os.environ["OPENAI_BASE_URL"],
        api_key=os.environ["OPENAI_API_KEY"],
        max_retries=0,
        use_responses_api=True,
    )


def test_a_web_search_is_made_and_cited(model: ChatOpenAI) -> None:
    answer = model.bind_tools([{"type": "web_search"}]).invoke("Latest news [[call:web_search]]")
    kinds = [block["type"] for block in answer.content if isinstance(block, dict)]
    assert kinds == ["web_search_call", "text"]
    assert answer.content[1]["annotations"][0]["type"] == "url_citation"


def test_a_stream_has_the_usage_of_the_answer(model: ChatOpenAI) -> None:
    pieces = [*model.stream("One two three")]
    usage = [piece.usage_metadata for piece in pieces if piece.usage_metadata]
    assert len(pieces) > 2
    assert usage[-1]["output_tokens"] > 0
