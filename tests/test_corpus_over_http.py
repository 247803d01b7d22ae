"""The recorded requests sent to a server: every one of the 120 errors, and everything the real API answered."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from pydantic import SecretStr

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from corpora import ErrorCase, error_cases, exchanges, full_corpora
from raw import ask, post

WRONG_KEY: Final = "Incorrect API key provided: "
EXCEPTIONS: Final = {
    0: "the model failed in the middle of its stream; nothing in the request says so",
    1: "the server failed in the middle of its stream; nothing in the request says so",
    26: "the file behind a file_id is known to the API alone",
    184: "a completions model that is gone, refused by a server of 2023 as an unknown URL",
}


@pytest.fixture(scope="module")
def strict() -> Iterator[RunningServer]:
    """Return a server that knows its models and accepts one key."""
    with running(Settings(models="strict", api_keys=(SecretStr("sk-right"),))) as served:
        yield served


def _key(case: ErrorCase) -> str:
    """Return the key of a case: for a wrong one, what the mask shows of it."""
    message: str = case.error["message"]
    if not message.startswith(WRONG_KEY):
        return "sk-right"
    return message.removeprefix(WRONG_KEY).partition(". You can find")[0].replace("*", "x")


RECORDERS_PLACEHOLDER: Final = "<GPUSTACK_API_KEY>"
"""What one recorder wrote over the word "test" in its keys, after the answer had come (rows 159, 160; see 177)."""


def _as_it_came(case: ErrorCase) -> ErrorCase:
    message = case.error["message"].replace(RECORDERS_PLACEHOLDER, "test")
    return replace(case, error={**case.error, "message": message})


@full_corpora
def test_the_recorded_errors_come_out_over_http(strict: RunningServer) -> None:
    cases = [_as_it_came(case) for case in error_cases() if case.request is not None]
    assert len(cases) == 117  # three more rows are of GET /models/{id}: see the next test
    wrong: dict[int, str] = {}
    for case in cases:
        answer = post(strict.origin, case.request, _key(case))
        if answer.status == 200 or answer.status != case.status or not case.alike(answer.error):
            wrong[case.row] = answer.body.decode()
    assert set(wrong) == set(EXCEPTIONS), wrong
    assert len(EXCEPTIONS) / len(cases) <= 0.05


@full_corpora
@pytest.mark.parametrize(("row", "name"), [(188, "abc"), (189, "ft:123")])
def test_an_unknown_model_is_not_found_in_the_recorded_words(strict: RunningServer, row: int, name: str) -> None:
    answer = ask(strict.origin, "GET", f"/v1/models/{name}", headers={"Authorization": "Bearer sk-right"})
    case = error_cases()[row]
    assert (answer.status, answer.error) == (case.status, case.error)


@pytest.fixture(scope="module")
def answered() -> list[dict[str, Any]]:
    """Return the recorded exchanges that the real API answered."""
    return [one for one in exchanges() if one["status"] == 200 and one["method"] == "POST"]


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
        assert made["model"] == recorded["model"]
        assert (made["system_fingerprint"] is None) == (recorded["system_fingerprint"] is None)
        compared += 1
    assert compared > 100


def _is_of_today(recorded: dict[str, Any]) -> bool:
    """Say whether an answer has the form of answers since 2025-03; some fingerprints of 4o were null.

    See answers#fingerprint.
    """
    message = recorded["choices"][0]["message"]
    fingerprint_lost = recorded["model"].startswith("gpt-4o") and recorded["system_fingerprint"] is None
    return "service_tier" in recorded and "annotations" in message and not fingerprint_lost


def _shape(answer: dict[str, Any]) -> list[Any]:
    choice = answer["choices"][0]
    said = [key for key in choice["message"] if key not in {"tool_calls", "function_call"}]
    details = [list(answer["usage"][key]) for key in answer["usage"] if key.endswith("_details")]
    return [list(answer), list(choice), said, list(answer["usage"]), details]
