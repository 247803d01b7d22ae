"""The recorded requests sent to a server: every one of the 120 errors, and everything the real API answered."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from pydantic import SecretStr

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from corpora import CHAT, ErrorCase, error_cases, exchanges, full_corpora
from raw import ask, post

WRONG_KEY: Final = "Incorrect API key provided: "
IN_2025: Final = "fixed:2025-01-01"
"""A time at which the models of the errors were served, or were not."""
EXCEPTIONS: Final[dict[str, dict[int, str]]] = {
    "errors.jsonl": {
        0: "the model failed in the middle of its stream; nothing in the request says so",
        1: "the server failed in the middle of its stream; nothing in the request says so",
        26: "the file behind a file_id is known to the API alone",
        184: "a completions model that is gone, refused by a server of 2023 as an unknown URL",
    },
    "errors-2.jsonl": {
        5: "the model spoke until its room was used up; nothing in the request says so",
        98: "the words of an older check, of 2024-02",
    },
}


@pytest.fixture(scope="module")
def strict() -> Iterator[RunningServer]:
    """Return a server that knows its models and accepts one key."""
    settings = Settings(models="strict", api_keys=(SecretStr("sk-right"),), clock=IN_2025, organization="REDACTED")
    with running(settings) as served:
        yield served


def _key(case: ErrorCase) -> str:
    """Return the key of a case: for a wrong one, what the mask shows of it; none where none was given."""
    message: str = case.error["message"]
    if message.startswith("You didn't provide an API key."):
        return ""
    if not message.startswith(WRONG_KEY):
        return "sk-right"
    return message.removeprefix(WRONG_KEY).partition(". You can find")[0].replace("*", "x")


RECORDERS_PLACEHOLDER: Final = "<GPUSTACK_API_KEY>"
"""Replacement that one recorder wrote over the word "test" in its keys, after the answer (rows 159, 160; see 177)."""


def _as_it_came(case: ErrorCase) -> ErrorCase:
    message = case.error["message"].replace(RECORDERS_PLACEHOLDER, "test")
    return replace(case, error={**case.error, "message": message})


@full_corpora
@pytest.mark.parametrize(("name", "asked"), [("errors.jsonl", 117), ("errors-2.jsonl", 114)])
def test_the_recorded_errors_come_out_over_http(strict: RunningServer, name: str, asked: int) -> None:
    cases = [_as_it_came(case) for case in error_cases(name) if case.request is not None and case.path == CHAT]
    assert len(cases) == asked  # more rows are of GET: see the next tests
    wrong: dict[int, str] = {}
    for case in cases:
        answer = post(strict.origin, case.request, _key(case))
        if answer.status == 200 or answer.status != case.status or not case.alike(answer.error):
            wrong[case.row] = answer.body.decode()
    assert set(wrong) == set(EXCEPTIONS[name]), wrong
    assert len(wrong) / len(cases) <= 0.05


@full_corpora
@pytest.mark.parametrize("row", [80, 81])
def test_an_unknown_stored_completion_is_not_found_in_the_recorded_words(strict: RunningServer, row: int) -> None:
    case = error_cases("errors-2.jsonl")[row]
    answer = ask(strict.origin, case.method, f"/v1{case.path}", headers={"Authorization": "Bearer sk-right"})
    assert (answer.status, answer.error) == (case.status, case.error)


@full_corpora
@pytest.mark.parametrize(("row", "name"), [(188, "abc"), (189, "ft:123")])
def test_an_unknown_model_is_not_found_in_the_recorded_words(strict: RunningServer, row: int, name: str) -> None:
    answer = ask(strict.origin, "GET", f"/v1/models/{name}", headers={"Authorization": "Bearer sk-right"})
    case = error_cases()[row]
    assert (answer.status, answer.error) == (case.status, case.error)


@pytest.fixture(scope="module")
def answered() -> list[dict[str, Any]]:
    """Return the recorded exchanges that the real API answered."""
    both = [*exchanges(), *exchanges("exchanges-2.jsonl")]
    return [one for one in both if one["status"] == 200 and one["method"] == "POST"]


@full_corpora
def test_every_request_that_the_real_api_answered_is_answered(
    server: RunningServer, answered: list[dict[str, Any]]
) -> None:
    refused = [
        (number, answer.body)
        for number, one in enumerate(answered)
        if (answer := post(server.origin, one["request_body"])).status != 200
    ]
    assert refused == []
    assert answered


@full_corpora
def test_answers_have_the_keys_of_the_recorded_ones_in_their_order(
    server: RunningServer, answered: list[dict[str, Any]]
) -> None:
    compared = 0
    for one in answered:
        recorded = one.get("response_body")
        if recorded is None or not _is_of_today(recorded):
            continue
        made = json.loads(post(server.origin, one["request_body"]).body)
        assert _shape(made) == _shape(recorded), one["request_body"]
        assert made["model"] == recorded["model"] or recorded["model"] in MOVED
        assert (made["system_fingerprint"] is None) == (recorded["system_fingerprint"] is None)
        compared += 1
    assert compared > 400


MOVED: Final = {"gpt-4o-audio-preview-2024-12-17"}
"""Earlier snapshots of names that later moved on (models#snapshots)."""


def _is_of_today(recorded: dict[str, Any]) -> bool:
    """Return True if an answer has the form of answers since 2025-03; some fingerprints of 4o were null.

    See answers#fingerprint.

    Azure, which sorts its keys and adds its filters, has another form.
    """
    choice = recorded["choices"][0]
    fingerprint_lost = recorded["model"].startswith("gpt-4o") and recorded["system_fingerprint"] is None
    today = "service_tier" in recorded or "search" in recorded["model"]
    return (
        today and "annotations" in choice["message"] and "content_filter_results" not in choice and not fingerprint_lost
    )


def _shape(answer: dict[str, Any]) -> list[Any]:
    choice = answer["choices"][0]
    said = [key for key in choice["message"] if key not in {"tool_calls", "function_call"}]
    details = [list(answer["usage"][key]) for key in answer["usage"] if key.endswith("_details")]
    return [list(answer), list(choice), said, list(answer["usage"]), details]
