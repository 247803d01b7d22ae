"""The recorded embeddings and moderations: each is refused or answered as the real API did, but for those listed."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from chatdouble.core.json import is_object
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from corpora import REFERENCE, full_corpora
from raw import Answer, post

KEY: Final = "sk-right"
PATHS: Final = ("/v1/embeddings", "/v1/moderations")

OLDER_WORDS: Final = {
    80: "one input over 8192 tokens: until 2025 the message gave the tokens",
    179: "the same",
}
"""Recorded errors whose words have changed since."""

DESCRIBED: Final[dict[int, dict[str, Any]]] = {
    79: {"model": "text-embedding-3-small", "input": ["a", ""]},
    80: {"model": "text-embedding-3-small", "input": "word " * 8610},
    81: {"model": "text-embedding-3-small", "input": "word " * 8610},
    178: {"model": "text-embedding-3-small", "input": []},
    179: {"model": "text-embedding-3-small", "input": "word " * 51_435},
    180: {"model": "text-embedding-3-small", "input": ["word " * 8610]},
}
"""Requests made after the description of one."""

OLDER_MODELS: Final = {
    16: "in 2024 ada-002 answered with its own name",
    18: "in 2024 ada-002 answered with its own name",
    19: "until 2025-08 a request without a model got text-moderation-007",
    20: "in 2023 text-moderation-latest was text-moderation-006",
}
"""Recorded answers of other models than those that the names stand for now."""


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    """Return a server that knows one key."""
    with running(Settings.model_validate({"api_keys": [KEY], "log_level": "error"})) as one:
        yield one


def rows(name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a corpus about these endpoints, with their numbers."""
    for number, line in enumerate((REFERENCE / name).read_text().splitlines()):
        row: dict[str, Any] = json.loads(line)
        row["path"] = row.get("path") or str(row.get("endpoint")).removeprefix("POST ")
        if row["path"] in PATHS:
            yield number, row


def refused(served: RunningServer, number: int, row: dict[str, Any]) -> bool:
    """Return whether the double gives the recorded error, as far as its row tells it."""
    request = DESCRIBED.get(number, row["trigger"])
    wrong_key = row["error"]["message"].partition(": ")[2].partition(". ")[0]
    answer = post(served.origin, request, wrong_key if row["status"] == 401 else KEY, row["path"])
    unseen = {*row.get("not_seen", ())}
    told = {name: value for name, value in row["error"].items() if name != "message" and name not in unseen}
    same_words = (
        row["error"]["message"] in answer.error["message"]
        if unseen
        else row["error"]["message"] == answer.error["message"]
    )
    return answer.status == row["status"] and same_words and told.items() <= answer.error.items()


@full_corpora
def test_every_recorded_error_is_given_but_those_whose_words_have_changed(served: RunningServer) -> None:
    all_rows = dict(rows("responses-errors.jsonl"))
    others = {number for number, row in all_rows.items() if not refused(served, number, row)}
    assert len(all_rows) == 17
    assert others == set(OLDER_WORDS)


def asked(served: RunningServer, row: dict[str, Any]) -> Answer:
    """Send a recorded request to the double."""
    return post(served.origin, row["request_body"], KEY, row["path"])


@full_corpora
def test_every_recorded_answer_has_the_doubles_keys_usage_and_sizes(served: RunningServer) -> None:
    all_rows = dict(rows("responses-exchanges.jsonl"))
    others: set[int] = set()
    for number, row in all_rows.items():
        answer = json.loads(asked(served, row).body)
        if shape(answer) != shape(row["response_body"]) or answer["model"] != row["response_body"]["model"]:
            others.add(number)
    assert len(all_rows) == 16
    assert others == set(OLDER_MODELS)


def shape(answer: dict[str, Any]) -> Any:
    """Return an answer without what a model decides: keys in order, counts, input types, forms of vectors."""
    if "data" in answer:
        forms = [[(key, value.__class__.__name__) for key, value in one.items()] for one in answer["data"]]
        return [*answer], forms, answer["usage"]
    return [*answer], [
        [(key, [*value] if is_object(value) else value.__class__.__name__) for key, value in one.items()]
        + [one.get("category_applied_input_types")]
        for one in answer["results"]
    ]


@full_corpora
def test_every_recorded_vector_has_the_length_of_ours(served: RunningServer) -> None:
    noted = [row for _, row in rows("responses-exchanges.jsonl") if "embedding cut" in row.get("note", "")]
    assert len(noted) == 11
    for row in noted:
        sizes = {len(one["embedding"]) for one in json.loads(asked(served, row).body)["data"]}
        assert f" of {sizes.pop()} " in row["note"]
        assert not sizes
