"""Models that the Responses API does not serve, and those that it serves on conditions."""

from typing import Any, Final

import openai
import pytest
from openai import OpenAI
from openai.types.responses import ToolParam

from chatdouble.settings import Settings
from chatdouble.testing.server import running
from raw import post

UNSUPPORTED: Final = "The requested model '{}' is not supported with the Responses API."
NOT_FOUND: Final = "The requested model, '{}' was not found."
SEARCH: Final[ToolParam] = {"type": "web_search_preview"}
PYTHON: Final[ToolParam] = {"type": "code_interpreter", "container": {"type": "auto"}}
FUNCTION: Final[ToolParam] = {"type": "function", "name": "f", "parameters": {}, "strict": False}


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("gpt-audio-1.5", UNSUPPORTED),
        ("gpt-4o-audio-preview-2024-10-01", UNSUPPORTED),
        ("gpt-5-search-api", UNSUPPORTED),
        ("o1-mini", UNSUPPORTED),
        ("whisper-1", UNSUPPORTED),
        ("gpt-image-1", UNSUPPORTED),
        ("text-embedding-3-small", NOT_FOUND),
        ("davinci-002", NOT_FOUND),
        ("dall-e-3", NOT_FOUND),
    ],
)
def test_a_model_of_other_endpoints_is_refused(client: OpenAI, model: str, message: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model=model, input="Hello")
    error: Any = refused.value.body
    assert error == {
        "message": message.format(model),
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }


def test_a_model_of_other_endpoints_is_answered_without_validation() -> None:
    with running(Settings(validation="off")) as server, OpenAI(base_url=server.base_url, api_key="sk-off") as client:
        assert client.responses.create(model="gpt-audio-1.5", input="Hello").output_text == "Hello"


UNTYPED: Final[list[Any]] = [{}, {"type": []}, {"type": 5}]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tools", [{"type": "namespace", "name": "n", "description": "d", "tools": UNTYPED}]),
        ("tool_choice", {"type": "allowed_tools", "mode": "auto", "tools": UNTYPED}),
    ],
)
def test_tools_without_a_type_are_passed_over_without_validation(name: str, value: Any) -> None:
    with running(Settings(validation="off")) as server:
        answer = post(server.origin, {"model": "gpt-4o", "input": "Hello", name: value}, path="/v1/responses")
    assert (answer.status, b"Hello" in answer.body) == (200, True)


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        ([], "Deep research models require at least one of 'web_search_preview', 'mcp', or 'file_search' tools."),
        ([PYTHON], "Deep research models require at least one of 'web_search_preview', 'mcp', or 'file_search' tools."),
        (
            [SEARCH, FUNCTION],
            (
                "Deep research models only support the 'web_search_preview', 'code_interpreter', 'mcp', and "
                "'file_search' tools."
            ),
        ),
    ],
)
def test_research_needs_a_search_and_takes_no_function(client: OpenAI, tools: list[ToolParam], message: str) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.responses.create(model="o3-deep-research", input="Find out", tools=tools)
    error: Any = refused.value.body
    assert (error["message"], error["param"], error["code"]) == (message, "tools", None)


def test_research_with_a_search_is_answered(client: OpenAI) -> None:
    answer = client.responses.create(model="o3-deep-research", input="Find out", tools=[SEARCH, PYTHON])
    assert answer.output_text == "Find out"
