"""Cassettes of responses, embeddings and moderations become recordings that answer the same requests."""

import json
from pathlib import Path
from typing import Any, Final

import openai
import pytest
from openai import AzureOpenAI, OpenAI

from chatdouble.importers.importer import KINDS, SkippedPart, import_files
from conftest import Serve

RESPONSE: Final[dict[str, Any]] = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "model": "gpt-4o-2024-08-06",
    "output": [
        {
            "id": "msg_1",
            "type": "message",
            "status": "completed",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "Imported", "annotations": []}],
        }
    ],
    "parallel_tool_calls": True,
    "tool_choice": "auto",
    "tools": [],
}
EMBEDDED = {
    "object": "list",
    "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 0.25]}],
    "model": "text-embedding-3-small",
    "usage": {"prompt_tokens": 1, "total_tokens": 1},
}


def interaction(url: str, request: Any, response: Any) -> dict[str, Any]:
    """Return an interaction as vcrpy stores it."""
    return {
        "request": {"method": "POST", "uri": url, "body": json.dumps(request), "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {"Content-Type": ["application/json"]},
            "body": {"string": json.dumps(response)},
        },
    }


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """Return a folder with the recordings of a cassette."""
    cassette = tmp_path / "cassette.json"
    azure = "https://a.openai.azure.com/openai/deployments/mine/embeddings?api-version=2024-10-21"
    interactions = [
        interaction("https://api.openai.com/v1/responses", {"model": "gpt-4o", "input": "Hello"}, RESPONSE),
        interaction(azure, {"input": "Hello", "model": "mine", "encoding_format": "float"}, EMBEDDED),
        interaction(
            "https://api.openai.com/v1/moderations",
            {"input": "Hello"},
            {"id": "modr-1", "model": "omni-moderation-latest", "results": []},
        ),
        interaction("https://api.openai.com/v1/images/generations", {"prompt": "A cat"}, {"data": []}),
    ]
    cassette.write_text(json.dumps({"version": 1, "interactions": interactions}))
    folder = tmp_path / "recordings"
    done = [*import_files(KINDS["vcr"], [cassette], folder)]
    (skipped,) = [one.skipped.reason for one in done if isinstance(one, SkippedPart)]
    assert skipped.startswith("not an answer of a model: POST https://api.openai.com/v1/images")
    return folder


@pytest.mark.parametrize("backend", ["recordings", "scripts"])
def test_imported_answers_are_given_again(serve: Serve, imported: Path, backend: str) -> None:
    given = {"recordings": imported} if backend == "recordings" else {"scripts": (imported,)}
    with (
        serve(**given) as served,
        OpenAI(base_url=served.base_url, api_key="sk-test", max_retries=0) as client,
        AzureOpenAI(azure_endpoint=served.origin, api_key="k", api_version="2025-01-01", max_retries=0) as azure,
    ):
        assert client.responses.create(model="gpt-4o", input="Hello").output_text == "Imported"
        made = azure.embeddings.create(model="mine", input="Hello", encoding_format="float")
        assert made.data[0].embedding == [0.5, 0.25]
        assert client.moderations.create(input="Hello").id == "modr-1"
        if backend == "recordings":
            with pytest.raises(openai.NotFoundError, match="No recording matched"):
                client.responses.create(model="gpt-4o", input="Never recorded")
