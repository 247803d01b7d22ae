"""Faults, pace, limits and the journal of responses."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import orjson
import pytest
from openai import OpenAI

from chatdouble.core.sse import read_frames
from chatdouble.testing.server import RunningServer
from conftest import Serve

FAULTS = (
    *("error_event", "disconnect", "malformed_json", "duplicate_chunk", "missing_done", "out_of_order_chunks"),
    *("corrupt_tool_arguments", "invalid_tool_arguments", "unoffered_tool", "truncated_tool_arguments"),
    *("empty_answer", "refusal", "content_filter", "reasoning_only", "wrong_ids", "repeated_tool_call"),
)
TOOL: Any = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}


@pytest.fixture
def faulty(serve: Serve, tmp_path: Path, client_of: Callable[[RunningServer], OpenAI]) -> Iterator[OpenAI]:
    """Return a client of a server whose rules are named after faults, one for a text and one for a call."""
    rules = [
        f"- when: {{user: {name}{kind}}}\n  reply: {{{reply}, fault: {name}}}"
        for name in FAULTS
        for kind, reply in (
            ("", "text: One two three four"),
            ("-call", "tool_calls: [{name: get_weather, arguments: {city: Paris}}]"),
        )
    ]
    script = tmp_path / "script.yaml"
    script.write_text("\n".join([*rules, "- when: {user: limited}\n  reply: {error: {status: 429}}", "- reply: else"]))
    with serve(scripts=(script,)) as served, client_of(served) as client:
        yield client


def events(client: OpenAI, given: str, **request: Any) -> list[dict[str, Any]]:
    """Return the events that stream an answer."""
    headers = {"authorization": f"Bearer {client.api_key}"}
    body = {"model": "gpt-4o", "input": given, "stream": True, **request}
    answer = httpx2.post(f"{client.base_url}responses", json=body, headers=headers)
    return [orjson.loads(frame.data or b"{}") for frame in read_frames(answer.content)]


def test_an_error_ends_the_stream_with_a_failed_response(faulty: OpenAI) -> None:
    found = events(faulty, "error_event")
    assert [event["type"] for event in found[-2:]] == ["error", "response.failed"]
    assert [event["sequence_number"] for event in found] == [*range(len(found))]
    assert [*found[-2]["error"]] == ["type", "code", "message", "param"]
    assert found[-1]["response"]["status"] == "failed"
    assert found[-1]["response"]["error"]["code"] == "server_error"
    assert found[-1]["response"]["id"] == found[0]["response"]["id"]


def test_a_stream_that_is_cut_does_not_complete(faulty: OpenAI) -> None:
    with pytest.raises(openai.APIError):
        list(faulty.responses.create(model="gpt-4o", input="disconnect", stream=True))
    assert events(faulty, "missing_done")[-1]["type"] == "response.output_item.done"


def test_faults_of_the_model_change_responses(faulty: OpenAI) -> None:
    def output(name: str) -> Any:
        return faulty.responses.create(model="gpt-4o", input=f"{name}-call", tools=[TOOL]).output

    assert output("unoffered_tool")[0].name == "get_weather_v2"
    assert output("invalid_tool_arguments")[0].arguments != '{"city":"Paris"}'
    assert output("truncated_tool_arguments")[0].status == "incomplete"
    assert output("corrupt_tool_arguments")[0].arguments == '"city":"Paris"}'
    assert len({item.call_id for item in output("repeated_tool_call")}) == 2
    refused: Any = faulty.responses.create(model="gpt-4o", input="refusal").output[0]
    assert refused.content[0].type == "refusal"
    filtered = faulty.responses.create(model="gpt-4o", input="content_filter")
    assert filtered.incomplete_details is not None
    assert filtered.incomplete_details.reason == "content_filter"


def test_corrupt_arguments_are_corrupt_in_every_event(faulty: OpenAI) -> None:
    found = events(faulty, "corrupt_tool_arguments-call", tools=[TOOL])
    pieces = [event["delta"] for event in found if event["type"].endswith("arguments.delta")]
    assert "".join(pieces) == '"city":"Paris"}'
    assert found[-1]["response"]["output"][0]["arguments"] == '"city":"Paris"}'


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_leaves_the_server_answering(faulty: OpenAI, name: str) -> None:
    for request in ({}, {"stream": True}):
        headers = {"authorization": f"Bearer {faulty.api_key}"}
        body = {"model": "gpt-4o", "input": name, **request}
        try:
            assert httpx2.post(f"{faulty.base_url}responses", json=body, headers=headers).status_code == 200
        except httpx2.RemoteProtocolError:
            assert name == "disconnect"
    assert faulty.responses.create(model="gpt-4o", input="something").output_text == "else"


def test_rate_limits_count_responses(serve: Serve, client_of: Callable[[RunningServer], OpenAI]) -> None:
    with serve(requests_per_minute=1) as served, client_of(served) as client:
        first = client.responses.with_raw_response.create(model="gpt-4o", input="Hello")
        assert first.headers["x-ratelimit-remaining-requests"] == "0"
        with pytest.raises(openai.RateLimitError):
            client.responses.create(model="gpt-4o", input="Hello")


def test_a_pace_delays_deltas_alone(serve: Serve, client_of: Callable[[RunningServer], OpenAI]) -> None:
    with serve(ttft=0.01, tokens_per_second=1000.0) as served, client_of(served) as client:
        assert client.responses.create(model="gpt-4o", input="One two").output_text == "One two"
        kinds = [event.type for event in client.responses.create(model="gpt-4o", input="One two", stream=True)]
    assert kinds[-1] == "response.completed"


def test_queued_replies_answer_responses(server: RunningServer, client: OpenAI) -> None:
    control = server.origin + "/_double/queue"
    headers = {"authorization": f"Bearer {client.api_key}"}
    assert httpx2.post(control, json="From the queue", headers=headers, timeout=60).status_code == 200
    assert client.responses.create(model="gpt-4o", input="Hello").output_text == "From the queue"


def test_the_journal_has_the_response(server: RunningServer, client: OpenAI) -> None:
    made = client.responses.create(model="gpt-4o", input="Hello", stream=True)
    kept: Any = [*made][-1]
    headers = {"authorization": f"Bearer {client.api_key}"}
    entry = httpx2.get(f"{server.origin}/_double/requests", headers=headers, timeout=60).json()["data"][-1]
    assert entry["path"] == "/v1/responses"
    assert entry["response"]["id"] == kept.response.id
