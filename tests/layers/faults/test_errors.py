"""Faults that answer with an error."""

import pytest

from calls import call
from chatdouble.backend.delivery import Abort
from chatdouble.core.errors import APIError
from pieces import DONE, fault, greeting, said, whole_greeting


def raised(**options: object) -> APIError:
    with pytest.raises(APIError) as caught:
        fault("error", **options).before(call())
    return caught.value


def test_an_error_without_options_is_the_apis_500() -> None:
    error = raised()
    assert error.status == 500
    assert error.envelope()["error"] == {
        "message": "The server had an error while processing your request. Sorry about that!",
        "type": "server_error",
        "param": None,
        "code": None,
    }
    assert error.headers == {}


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "invalid_request_error", None),
        (404, "invalid_request_error", "model_not_found"),
        (429, "requests", "rate_limit_exceeded"),
        (418, "invalid_request_error", None),
        (502, "server_error", None),
        (503, "service_unavailable_error", "server_is_overloaded"),
    ],
)
def test_an_error_has_the_apis_type_and_code_for_its_status(status: int, kind: str, code: str | None) -> None:
    error = raised(status=status)
    assert (error.status, error.type, error.code) == (status, kind, code)
    assert error.message


def test_the_message_type_and_code_of_an_error_can_be_set() -> None:
    error = raised(status=409, message="Taken.", type="conflict", code="taken")
    assert (error.message, error.type, error.code) == ("Taken.", "conflict", "taken")


def test_an_error_can_tell_when_to_retry() -> None:
    assert raised(status=429, retry_after=1.5).headers == {"retry-after": "2", "retry-after-ms": "1500"}


FAILED = {
    "error": {
        "message": "The server had an error while processing your request. Sorry about that!",
        "type": "server_error",
        "param": None,
        "code": None,
    }
}


def test_a_stream_ends_with_the_recorded_error_and_done() -> None:
    left = [*fault("error_event").on_frames(iter(greeting()))]
    assert left[0] == greeting()[0]
    assert said(left[1][1]) == FAILED
    assert left[1:] == [(0.1, left[1][1]), (0.1, DONE)]


def test_the_position_message_type_and_code_of_an_error_event_can_be_set() -> None:
    given = {"after_seconds": 0.25, "message": "Invalid content.", "type": "model_error", "code": "invalid"}
    left = [*fault("error_event", **given).on_frames(iter(greeting()))]
    assert left[:3] == greeting()[:3]
    assert left[3][0] == 0.25
    assert said(left[3][1])["error"] == {
        "message": "Invalid content.",
        "type": "model_error",
        "param": None,
        "code": "invalid",
    }


def test_a_whole_answer_is_replaced_by_the_envelope_of_the_error() -> None:
    [(due, envelope)] = fault("error_event").on_body(iter(whole_greeting()))
    assert (due, said(envelope)) == (0.5, FAILED)


def test_an_abort_of_a_whole_answer_stays() -> None:
    left = [*fault("error_event").on_body(iter([(0.0, b"{}"), (0.1, Abort.STALL)]))]
    assert left[-1] == (0.1, Abort.STALL)
