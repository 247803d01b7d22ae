"""The real API's errors and answers, replayed: what it refused is refused in its words, what it took is taken."""

import orjson
import pytest

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.validation.checking import Checker
from corpora import ErrorCase, error_cases, exchanges, full_corpora

STRICT = Checker(Catalogue.load("strict"), TOKENIZERS, "strict")
ANY = Checker(Catalogue.load("any"), TOKENIZERS, "strict")

EXCEPTIONS = {
    26: "the file behind a file_id is known to the API alone",
    184: "a completions model that is gone, refused by an older server as an unknown URL",
}


def _refused() -> list[ErrorCase]:
    return [case for case in error_cases() if (case.request or case.row in EXCEPTIONS) and case.status in {400, 404}]


def _comes_out(case: ErrorCase) -> bool:
    try:
        STRICT.read(orjson.dumps(case.request))
    except APIError as error:
        return error.status == case.status and case.alike(error.envelope()["error"])
    return False


@full_corpora
def test_every_recorded_error_comes_out_as_the_real_api_sent_it() -> None:
    wrong = [case.row for case in _refused() if not _comes_out(case)]
    assert wrong == list(EXCEPTIONS)


@full_corpora
def test_at_least_95_of_100_recorded_errors_come_out() -> None:
    refused = _refused()
    assert sum(map(_comes_out, refused)) / len(refused) >= 0.95


@full_corpora
def test_every_request_that_was_answered_is_taken() -> None:
    taken = 0
    for exchange in exchanges():
        if exchange["path"].endswith("/chat/completions") and exchange["status"] == 200:
            ANY.read(orjson.dumps(exchange["request_body"]))
            taken += 1
    assert taken


@full_corpora
@pytest.mark.parametrize("status", [400, 404])
def test_every_recorded_exchange_that_was_refused_is_refused_with_the_same_body(status: int) -> None:
    compared = 0
    for exchange in exchanges():
        if exchange["status"] != status or "invalid_image_url" in str(exchange["response_body"]):
            continue  # an image that could not be downloaded: the server downloads nothing
        with pytest.raises(APIError) as refused:
            STRICT.read(orjson.dumps(exchange["request_body"]))
        assert (refused.value.status, refused.value.envelope()) == (status, exchange["response_body"])
        compared += 1
    assert compared
