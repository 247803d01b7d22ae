"""Our answers' types hold every property, enum, bound and requirement of the official contract."""

import json
from typing import Any

import pytest
from pydantic import TypeAdapter

from chatdouble.core.errors import ErrorResponse
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.schema.model import DeleteModelResponse, ListModelsResponse, Model
from chatdouble.schema.stored import (
    ChatCompletionDeleted,
    ChatCompletionList,
    ChatCompletionMessageList,
    StoredCompletion,
)
from corpora import REFERENCE, full_corpora
from corpus.contract import distilled_contract
from schema.contract import Contract, lacks

EXCHANGES = REFERENCE / "exchanges.jsonl"

TYPES: dict[str, Any] = {
    "CreateChatCompletionResponse": Completion,
    "CreateChatCompletionStreamResponse": Chunk,
    "ChatCompletionList": ChatCompletionList,
    "ChatCompletionMessageList": ChatCompletionMessageList,
    "ChatCompletionDeleted": ChatCompletionDeleted,
    "ListModelsResponse": ListModelsResponse,
    "Model": Model,
    "DeleteModelResponse": DeleteModelResponse,
    "ErrorResponse": ErrorResponse,
}

NO_ID = "an empty page has empty ids: the official SDKs' types have no null there"
LACKING: dict[str, dict[str, str]] = {
    "CreateChatCompletionStreamResponse": {
        ".choices[].logprobs.refusal: required": "recorded chunks have none",
    },
    "ChatCompletionList": {".first_id: null": NO_ID, ".last_id: null": NO_ID},
    "ChatCompletionMessageList": {".first_id: null": NO_ID, ".last_id: null": NO_ID},
}


@pytest.fixture(scope="module")
def official() -> dict[str, Any]:
    schemas: dict[str, Any] = distilled_contract()["schemas"]
    return schemas


def ours(name: str) -> Contract:
    schema = TypeAdapter(TYPES[name]).json_schema()
    return Contract(schema.get("$defs", {}), schema)


@pytest.mark.parametrize("name", TYPES)
def test_nothing_of_the_official_schema_is_lacking_but_what_is_listed(name: str, official: dict[str, Any]) -> None:
    found = sorted(lacks(Contract(official, official[name]), ours(name)))
    assert found == sorted(LACKING.get(name, {}))


def test_what_is_lacking_would_be_noticed() -> None:
    wanted = {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": ["string", "null"], "enum": ["x", "y", None]},
            "b": {"type": "array", "items": {"type": "integer", "minimum": 1}},
            "c": {"type": "string"},
        },
    }
    held = {
        "type": "object",
        "properties": {
            "a": {"const": "x", "type": "string"},
            "b": {"type": "array", "items": {"type": "integer"}},
        },
    }
    assert sorted(lacks(Contract({}, wanted), Contract({}, held))) == [
        ".a: 'y'",
        ".a: null",
        ".a: required",
        ".b[]: minimum",
        ".c: property",
    ]


def recorded() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [json.loads(line) for line in EXCHANGES.read_text().splitlines()]
    return rows


def reads_whole(kind: Any, value: object) -> None:
    """Check that a type reads a value and knows every key in it."""
    assert TypeAdapter(kind).validate_python(value, strict=True) == value


@full_corpora
def test_every_recorded_answer_is_of_our_type() -> None:
    answers = [
        row["response_body"]
        for row in recorded()
        if row["method"] == "POST" and row["status"] == 200 and "response_body" in row
    ]
    assert len(answers) > 150
    for answer in answers:
        reads_whole(StoredCompletion, answer)
        reads_whole(Completion, answer)


@full_corpora
def test_every_recorded_chunk_is_of_our_type() -> None:
    chunks = [
        json.loads(frame.removeprefix("data: "))
        for row in recorded()
        for frame in row.get("response_sse", "").split("\n\n")
        if frame.startswith("data: {") and not frame.startswith('data: {"error"')
    ]
    assert len(chunks) > 500
    for chunk in chunks:
        reads_whole(Chunk, chunk)


@full_corpora
def test_every_recorded_error_is_of_our_type() -> None:
    errors = [row["response_body"] for row in recorded() if row["status"] >= 400]
    assert len(errors) > 20
    for error in errors:
        reads_whole(ErrorResponse, {"error": error["error"]})


def test_lists_with_nothing_in_them_are_of_our_types() -> None:
    empty: dict[str, Any] = {"object": "list", "data": [], "first_id": "", "last_id": "", "has_more": False}
    reads_whole(ChatCompletionList, empty)
    reads_whole(ChatCompletionMessageList, empty)
