"""Requests and answers of embeddings and moderations hold all that the official contract has."""

import json
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import TypeAdapter

from chatdouble.schema.embeddings import EmbeddingList, EmbeddingRequest
from chatdouble.schema.moderations import ModerationList, ModerationRequest
from chatdouble.testing.server import RunningServer
from corpora import REFERENCE, full_corpora
from corpus.contract import facts
from raw import ask
from schema.contract import Contract, lacks

FACTS: Final[dict[str, Any]] = json.loads(Path(__file__).with_name("inputs_contract.json").read_text("utf-8"))
PATHS: Final = ("/embeddings", "/moderations")
TYPES: Final[dict[str, Any]] = {
    "CreateEmbeddingRequest": EmbeddingRequest,
    "CreateEmbeddingResponse": EmbeddingList,
    "CreateModerationRequest": ModerationRequest,
    "CreateModerationResponse": ModerationList,
}
ANY_NAME: Final = ".model: enum"
"""The contract lists some models, and takes any name."""
LACKING: Final[dict[str, set[str]]] = {
    # Of several arrays the comparison sees the first; `test_every_form_of_input_is_described` sees the others.
    "CreateEmbeddingRequest": {ANY_NAME, ".input[]: integer", ".input[]: array"},
    "CreateModerationRequest": {ANY_NAME, ".input[]: object text", ".input[]: object image_url"},
}


def ours(name: str) -> Contract:
    schema = TypeAdapter(TYPES[name]).json_schema()
    return Contract(schema.get("$defs", {}), schema)


def official() -> dict[str, Any]:
    """Return the facts of these endpoints in the official document."""
    document = json.loads((REFERENCE / "responses.openapi.json").read_text())
    document["paths"] = {path: document["paths"][path] for path in PATHS}
    return facts(document, [*TYPES])


@full_corpora
def test_the_facts_are_those_of_the_official_document() -> None:
    assert official() == FACTS


@pytest.mark.parametrize("name", TYPES)
def test_nothing_of_the_official_schema_is_lacking(name: str) -> None:
    found = set(lacks(Contract(FACTS["schemas"], FACTS["schemas"][name]), ours(name)))
    assert found == LACKING.get(name, set())


def test_the_operations_are_described(server: RunningServer) -> None:
    described = json.loads(ask(server.origin, "GET", "/openapi.json").body)["paths"]
    for path in PATHS:
        operation = described[path]["post"]
        assert operation["operationId"] == FACTS["operations"][path]["post"]["operationId"]
        assert set(operation["responses"]) >= set(FACTS["operations"][path]["post"]["responses"])
        assert operation["requestBody"]["content"]["application/json"]["example"]


def test_every_form_of_input_is_described() -> None:
    embeddings, moderations = (
        ours(name).schema["properties"]["input"]["anyOf"]
        for name in ("CreateEmbeddingRequest", "CreateModerationRequest")
    )
    assert [form["type"] for form in embeddings] == ["string", "array", "array", "array"]
    assert [form["items"]["type"] for form in embeddings[1:]] == ["string", "integer", "array"]
    assert {(form["minItems"], form["maxItems"]) for form in embeddings[1:]} == {(1, 2048)}
    assert [form["type"] for form in moderations] == ["string", "array", "array"]
    assert [*moderations[2]["items"]] == ["anyOf"]
