"""Recorded requests are answered, and recorded refusals are refused in the same words."""

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest

from chatdouble.testing.server import RunningServer
from conftest import Serve
from corpora import REFERENCE, full_corpora
from raw import ask

REFUSED: Final = 99
"""Recorded errors, of 128 whose request is known, that come out word for word.

Of the others, five are wrong keys, ten are failures of the API or of a download, three have an older list, and
the requests of eleven are known in part.
"""
UNSTORED: Final = ("previous_response_id", "conversation")
"""The fields of requests that refer to what only the recorded account has."""


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    """Return a server with known models, at the time of the newest recordings."""
    from chatdouble.settings import Settings  # noqa: PLC0415 - where the recordings are
    from chatdouble.testing.server import running  # noqa: PLC0415

    with running(Settings(models="strict", clock="fixed:2026-09-01T00:00:00Z")) as one:
        yield one


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of a file of the reference."""
    return [json.loads(line) for line in (REFERENCE / name).read_text("utf-8").splitlines()]


def post(served: RunningServer, body: Any) -> tuple[int, dict[str, Any]]:
    """Return the status of an answer, and its error if it is one."""
    headers = {"Content-Type": "application/json", "Authorization": "Bearer sk-test"}
    answer = ask(served.origin, "POST", "/v1/responses", json.dumps(body).encode(), headers)
    return answer.status, json.loads(answer.body)["error"] if answer.status != 200 else {}


@full_corpora
def test_every_recorded_request_is_answered_unless_it_continues_what_is_not_stored(serve: Serve) -> None:
    requests = [
        row["request_body"]
        for row in rows("responses-exchanges.jsonl")
        if row["path"] == "/v1/responses" and row["status"] == 200 and row["request_body"]
    ]
    with serve() as served:
        for body in requests:
            status, error = post(served, body)
            if any(body.get(name) for name in UNSTORED):
                assert error["message"].endswith("not found.")
            else:
                assert (status, error) == (200, {})
    assert len(requests) == 291


def filled(trigger: Any) -> dict[str, Any]:
    """Return a request with the texts that its row describes, and with a model and an input."""
    body = {**trigger["base"], **trigger["change"]} if "base" in trigger else trigger
    if body.keys() != {"model"}:
        body = {"input": "hi", **body}
    text = json.dumps({"model": "gpt-4o", **body})
    function = {"type": "function", "name": "f"}
    extra = {"type": "message", "role": "assistant", "content": "x", "zzz": 1}
    for described, meant in (
        ("<17 pairs>", {f"key{number}": "value" for number in range(17)}),
        ("<f>", function),
        ("<assistant output item with extra key zzz>", extra),
    ):
        text = text.replace(json.dumps(described), json.dumps(meant))
    found: dict[str, Any] = json.loads(
        text.replace("<MASSIVE_TEXT>", "word " * 150_000).replace("<72 chars>", "x" * 72)
    )
    return found


@full_corpora
def test_recorded_refusals_come_out_word_for_word(served: RunningServer) -> None:
    same = known = 0
    for row in rows("responses-errors.jsonl"):
        place: str = row.get("path") or row["endpoint"].split()[-1]
        if not place.endswith("/responses") or not isinstance(row["trigger"], dict) or not row.get("error"):
            continue
        known += 1
        status, error = post(served, filled(row["trigger"]))
        wanted = {name: row["error"].get(name) for name in ("message", "param", "code")}
        same += status == row["status"] and {name: error.get(name) for name in wanted} == wanted
    assert (same, known) == (REFUSED, 128)
