"""Recordings of responses, embeddings and moderations are verified as those of chat completions are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
from openai import OpenAI

from chatdouble.testing.server import RunningServer
from chatdouble.verify.comparison import Answer, compare
from chatdouble.verify.live_api import LiveAPI, Throttle, base_url
from chatdouble.verify.reports import Outcome, Verdict
from chatdouble.verify.verifier import Verifier, cases_in, tokens_used
from conftest import Serve
from corpora import REFERENCE, full_corpora

WEATHER: Final[dict[str, Any]] = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
FORM: Final[dict[str, Any]] = {
    "format": {
        "type": "json_schema",
        "name": "town",
        "schema": {
            "type": "object",
            "properties": {"town": {"type": "string"}},
            "required": ["town"],
            "additionalProperties": False,
        },
    }
}


def use(client: OpenAI) -> None:
    """Ask every API that has recordings to verify."""
    create: Any = client.responses.create
    create(model="gpt-4o", input="Hello")
    create(model="gpt-4o", input="A town", text=FORM)
    create(model="gpt-5", input="Get weather", tools=[WEATHER], tool_choice="required")
    list(create(model="gpt-4o", input="Hello stream", stream=True))
    client.embeddings.create(model="text-embedding-3-small", input=["Hello", "World"])
    client.moderations.create(input="Hello")
    client.models.list()


@pytest.fixture
def folder(serve: Serve, tmp_path: Path) -> Path:
    """Return a folder of recordings of the double's own answers."""
    recorded = tmp_path / "recordings"
    with (
        serve() as real,
        serve(upstream=real.base_url, recordings=recorded, mode="record") as recorder,
        OpenAI(base_url=recorder.base_url, api_key="sk-test", max_retries=0) as client,
    ):
        use(client)
    return recorded


def verdicts(folder: Path, served: RunningServer) -> list[Verdict]:
    """Verify all recordings of a folder against a server."""
    found = cases_in(folder)
    with httpx2.Client() as client:
        live = LiveAPI(client, base_url(served.base_url), "sk-verify")
        verifier = Verifier(live, Throttle(None, lambda: 0.0, lambda _seconds: None))
        return [*verifier.verdicts(found, set(range(len(found))))]


def test_answers_that_differ_in_wording_only_are_true(serve: Serve, folder: Path) -> None:
    with serve(seed=7) as served:
        found = verdicts(folder, served)
    assert [one for one in found if one.outcome not in (Outcome.TRUE, Outcome.SKIPPED)] == []
    assert [one.outcome for one in found].count(Outcome.TRUE) == 6
    (skipped,) = [one.reason for one in found if one.outcome is Outcome.SKIPPED]
    assert skipped == "only answers of models are compared, not those of GET /models"


def test_answers_of_another_kind_are_drift(serve: Serve, folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.yaml"
    script.write_text(
        "- {when: {api: embeddings}, reply: {vector: [1, 0]}}\n"
        "- {when: {api: moderations}, reply: {flags: violence}}\n"
        "- {when: {user: Hello}, reply: {refusal: I will not.}}\n"
        "- {when: {user: A town}, reply: No JSON.}\n"
        "- {when: {user: Hello stream}, reply: {text: Cut, finish_reason: length}}\n"
        "- {when: {tools: [get_weather]}, reply: {tool_calls: [{name: get_weather, arguments: {town: Rome}}]}}\n"
    )
    with serve(scripts=(script,)) as served:
        found = {drift.where for one in verdicts(folder, served) for drift in one.drifts}
    assert {
        "data[0].embedding",
        "results[0].flagged",
        "output.message.content",
        "output.tool_calls.get_weather.arguments",
        "status",
        "incomplete_details.reason",
        "stream.events",
    } <= found


def test_a_request_that_continues_what_the_api_forgot_is_unchecked(serve: Serve, tmp_path: Path) -> None:
    with (
        serve() as real,
        serve(upstream=real.base_url, recordings=tmp_path, mode="record") as recorder,
        OpenAI(base_url=recorder.base_url, api_key="sk-test", max_retries=0) as client,
    ):
        first = client.responses.create(model="gpt-4o", input="Hello")
        client.responses.create(model="gpt-4o", input="And?", previous_response_id=first.id)
    with serve() as served:
        found = verdicts(tmp_path, served)
    (unchecked,) = [one.reason for one in found if one.outcome is Outcome.UNCHECKED]
    assert unchecked.startswith("the API no longer has what the request continues: 400: Previous response with id")


def recorded_rows() -> list[tuple[str, Mapping[str, Any], Answer]]:
    """Return the recorded exchanges of these APIs: the path, the request and the answer."""
    rows = map(json.loads, (REFERENCE / "responses-exchanges.jsonl").read_text("utf-8").splitlines())
    paths = ("/v1/responses", "/v1/embeddings", "/v1/moderations")
    return [
        (row["path"].removeprefix("/v1"), row["request_body"] or {}, _answer(row))
        for row in rows
        if row["path"] in paths
    ]


def _answer(row: Mapping[str, Any]) -> Answer:
    whole = row.get("response_body")
    body = json.dumps(whole).encode() if whole is not None else (row.get("response_sse") or "").encode()
    kind = "application/json" if whole is not None else "text/event-stream"
    return Answer(row["status"], {"content-type": kind}, body)


@full_corpora
def test_every_recorded_exchange_equals_itself_and_has_its_tokens() -> None:
    rows = recorded_rows()
    assert len(rows) > 300
    for path, request, answer in rows:
        assert [*compare(request, answer, answer, path)] == []
    assert sum(tokens_used(answer) > 0 for _, _, answer in rows) > 200
