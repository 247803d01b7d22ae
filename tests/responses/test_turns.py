"""Scripted conversations, headers that control one request, and the verdict, with responses."""

from typing import Any

import httpx2
import openai
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer

WEATHER: Any = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}


def control(server: RunningServer, key: str, method: str, path: str, body: Any = None) -> Any:
    """Send a request to the control API, and return its answer."""
    headers = {"authorization": f"Bearer {key}"}
    return httpx2.request(method, f"{server.origin}/_double{path}", json=body, headers=headers, timeout=60).json()


def test_turns_answer_a_conversation_of_responses(server: RunningServer, client: OpenAI, key: str) -> None:
    turns = [
        {
            "when": {"user": "weather", "tools": {"any": ["get_weather"]}},
            "reply": {"tool_calls": [{"name": "get_weather"}]},
        },
        {"when": {"tool_result": {"name": "get_weather"}}, "reply": "It is sunny."},
    ]
    assert control(server, key, "POST", "/script", {"turns": turns})["waiting"] == 2
    first = client.responses.create(model="gpt-4o", input="weather", tools=[WEATHER])
    call = first.output[0]
    assert call.type == "function_call"
    output: Any = {"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}
    second = client.responses.create(model="gpt-4o", input=[output], previous_response_id=first.id, tools=[WEATHER])
    assert second.output_text == "It is sunny."
    with pytest.raises(openai.NotFoundError, match="turn"):
        client.responses.create(model="gpt-4o", input="more", previous_response_id=second.id)


def test_a_header_sets_the_fault_of_one_response(client: OpenAI) -> None:
    fault = {"x-double-fault": '{"name": "error", "status": 503}'}
    with pytest.raises(openai.InternalServerError):
        client.responses.create(model="gpt-4o", input="Hello", extra_headers=fault)
    assert client.responses.create(model="gpt-4o", input="Hello").output_text == "Hello"


def test_the_verdict_counts_responses(server: RunningServer, client: OpenAI, key: str) -> None:
    first = client.responses.create(model="gpt-5.4", input="Hello")
    client.responses.create(model="gpt-5.4", input="And?", previous_response_id=first.id)
    with pytest.raises(openai.BadRequestError):
        client.responses.create(model="gpt-5.4", input=[])
    verdict = control(server, key, "GET", "/verdict")
    assert (verdict["counts"]["answered"], verdict["counts"]["refused"]) == (2, 1)
    assert {problem["kind"] for problem in verdict["problems"]} == {"refused"}
    requests = control(server, key, "GET", "/requests")["data"]
    assert requests[0]["conversation"] == requests[1]["conversation"]
