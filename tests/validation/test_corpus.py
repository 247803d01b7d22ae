"""The real API's errors and answers, replayed: what it refused is refused in its words, what it took is taken."""

import orjson
import pytest

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import ALWAYS, Catalogue
from chatdouble.core.errors import APIError
from chatdouble.validation.checking import Checker
from corpora import CHAT, ErrorCase, error_cases, exchanges, full_corpora

STRICT = Checker(Catalogue.load("strict"), TOKENIZERS, "strict")
ANY = Checker(Catalogue.load("any"), TOKENIZERS, "strict")

EXCEPTIONS = {
    "errors.jsonl": {
        26: "the file behind a file_id is known to the API alone",
        184: "a completions model that is gone, refused by an older server as an unknown URL",
    },
    "errors-2.jsonl": {
        5: "the model spoke until its room was used up; nothing in the request says so",
        98: "the words of an older check, of 2024-02",
    },
}
IN_2025 = 1_735_689_600.0
"""A time at which the models of refused exchanges were served, or were not."""


def _refused(name: str) -> list[ErrorCase]:
    asked = [case for case in error_cases(name) if case.path == CHAT and case.status in {400, 403, 404}]
    return [case for case in asked if case.request]


def _comes_out(case: ErrorCase) -> bool:
    try:
        STRICT.read(orjson.dumps(case.request), ALWAYS if case.at is None else case.at)
    except APIError as error:
        return error.status == case.status and case.alike(error.envelope()["error"])
    return False


@full_corpora
@pytest.mark.parametrize("name", EXCEPTIONS)
def test_every_recorded_error_comes_out_as_the_real_api_sent_it(name: str) -> None:
    wrong = [case.row for case in _refused(name) if not _comes_out(case)]
    assert wrong == list(EXCEPTIONS[name])


@full_corpora
@pytest.mark.parametrize(("name", "share"), [("errors.jsonl", 0.95), ("errors-2.jsonl", 0.98)])
def test_nearly_all_recorded_errors_come_out(name: str, share: float) -> None:
    refused = _refused(name)
    assert sum(map(_comes_out, refused)) / len(refused) >= share


@full_corpora
@pytest.mark.parametrize("name", ["exchanges.jsonl", "exchanges-2.jsonl"])
def test_every_request_that_was_answered_is_taken(name: str) -> None:
    taken = 0
    for exchange in exchanges(name):
        if exchange["method"] == "POST" and exchange["status"] == 200:
            ANY.read(orjson.dumps(exchange["request_body"]))
            taken += 1
    assert taken > 200


@full_corpora
@pytest.mark.parametrize("status", [400, 404])
def test_every_recorded_exchange_that_was_refused_is_refused_with_the_same_body(status: int) -> None:
    compared = 0
    for exchange in exchanges():
        if exchange["status"] != status or "invalid_image_url" in str(exchange["response_body"]):
            continue  # an image that could not be downloaded: the server downloads nothing
        with pytest.raises(APIError) as refused:
            STRICT.read(orjson.dumps(exchange["request_body"]), IN_2025)
        assert (refused.value.status, refused.value.envelope()) == (status, exchange["response_body"])
        compared += 1
    assert compared
