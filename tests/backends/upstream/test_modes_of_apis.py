"""Each mode for each API of models: its answers are recorded, replayed, renewed and passed on."""

from pathlib import Path
from typing import Any, Final

import orjson
import pytest
from openai import AzureOpenAI, BadRequestError, OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import control, post
from upstreams import counting, recording, relaying, upstream

REQUESTS: Final[dict[str, dict[str, Any]]] = {
    "/v1/responses": {"model": "gpt-4o", "input": "Hello"},
    "/v1/embeddings": {"model": "text-embedding-3-small", "input": "Hello"},
    "/v1/moderations": {"input": "Hello"},
}


def asked(served: RunningServer, path: str) -> int:
    """Send a request, and return the number of the upstream's answer."""
    body = post(served.origin, REQUESTS[path], path=path).body
    number: int = orjson.loads(body)["n"]
    return number


@pytest.mark.parametrize("path", REQUESTS)
def test_every_mode_answers(serve: Serve, tmp_path: Path, path: str) -> None:
    with recording(tmp_path, counting()) as (_, served):
        assert asked(served, path) == 1
    with serve(recordings=tmp_path) as served:
        assert [asked(served, path) for _ in range(2)] == [1, 1]
    (before,) = tmp_path.glob("*.yaml")
    with recording(tmp_path, counting(), "rerecord") as (above, served):
        above.behaviour = counting()
        assert [asked(served, path) for _ in range(2)] == [1, 2]
    assert [*tmp_path.glob("*.yaml")] == [before]
    with serve(recordings=tmp_path) as served:
        assert [asked(served, path) for _ in range(3)] == [1, 2, 2]
    with upstream(counting()) as above, relaying(above) as served:
        assert [asked(served, path) for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("path", REQUESTS)
def test_errors_limits_and_queued_errors_come_before_the_upstream(path: str) -> None:
    with upstream(counting()) as above, relaying(above) as served:
        control(served, "sk-test", "POST", "queue", [{"error": 429}])
        assert post(served.origin, REQUESTS[path], path=path).status == 429
        assert asked(served, path) == 1
    assert len(above.received) == 1


def test_an_azure_version_is_no_part_of_a_recording(serve: Serve, tmp_path: Path) -> None:
    with (
        serve() as real,
        serve(upstream=real.base_url, recordings=tmp_path, mode="record") as served,
        OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0) as client,
    ):
        made = client.embeddings.create(model="text-embedding-3-small", input="Hello").data
    with (
        serve(recordings=tmp_path) as served,
        AzureOpenAI(azure_endpoint=served.origin, api_key="k", api_version="2025-01-01", max_retries=0) as azure,
    ):
        assert azure.embeddings.create(model="text-embedding-3-small", input="Hello").data == made


def test_with_ids_normalised_a_conversation_replays_after_its_beginning_was_renewed(
    serve: Serve, tmp_path: Path
) -> None:
    (tmp_path / "recordings.toml").write_text('normalise = ["ids"]\n')

    def second(served: RunningServer, previous: str | None) -> tuple[str, str]:
        with OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0) as client:
            first = previous or client.responses.create(model="gpt-4o", input="Hello").id
            return first, client.responses.create(model="gpt-4o", input="And?", previous_response_id=first).output_text

    with serve() as real, serve(upstream=real.base_url, recordings=tmp_path, mode="record") as served:
        first, text = second(served, None)
        assert text == "And?"
    with serve(recordings=tmp_path) as served:
        assert second(served, None) == (first, "And?")
    other = first[:-4] + ("0000" if not first.endswith("0000") else "1111")
    with serve(recordings=tmp_path, validation="strict") as served:
        assert second(served, other)[1] == "And?"


@pytest.mark.parametrize("player", ["recordings", "scripts"])
def test_what_continues_a_recorded_answer_is_replayed(serve: Serve, tmp_path: Path, player: str) -> None:
    weather: Any = {"type": "function", "name": "get_weather", "parameters": {"type": "object", "properties": {}}}

    def talk(served: RunningServer) -> list[str]:
        with OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0) as client:
            asked: Any = client.responses.create(model="gpt-4o", input="weather", tools=[weather])
            call_id = asked.output[0].call_id
            output: Any = {"type": "function_call_output", "call_id": call_id, "output": "sunny"}
            told = client.responses.create(model="gpt-4o", input=[output], previous_response_id=asked.id)
            held = client.conversations.create()
            kept = client.responses.create(model="gpt-4o", input="Keep", conversation=held.id)
            return [told.output_text, kept.output_text, held.id]

    with serve() as real, serve(upstream=real.base_url, recordings=tmp_path, mode="record") as served:
        recorded = talk(served)
    assert recorded[:2] == ["get_weather returned: sunny", "Keep"]
    given = {"recordings": tmp_path} if player == "recordings" else {"scripts": (tmp_path,)}
    with serve(**given) as served:
        assert talk(served) == recorded


def test_without_recordings_a_reference_to_nothing_is_refused(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "script.yaml").write_text("- reply: Hello\n")
    with (
        serve(scripts=(tmp_path,)) as served,
        OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0) as client,
        pytest.raises(BadRequestError, match="not found"),
    ):
        client.responses.create(model="gpt-4o", input="And?", previous_response_id="resp_" + "0" * 50)
