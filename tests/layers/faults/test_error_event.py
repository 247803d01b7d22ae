"""The fault `error_event`."""

from chatdouble.backend.delivery import Abort
from pieces import DONE, fault, greeting, said, whole_greeting

FAILED = {
    "error": {
        "message": "The server had an error while processing your request. Sorry about that!",
        "type": "server_error",
        "param": None,
        "code": None,
    }
}


def test_a_stream_ends_with_the_error_of_the_recordings_and_done() -> None:
    left = [*fault("error_event").on_frames(iter(greeting()))]
    assert left[0] == greeting()[0]
    assert said(left[1][1]) == FAILED
    assert left[1:] == [(0.1, left[1][1]), (0.1, DONE)]


def test_the_errors_place_and_words_can_be_given() -> None:
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


def test_a_whole_answer_is_the_errors_envelope() -> None:
    [(due, envelope)] = fault("error_event").on_body(iter(whole_greeting()))
    assert (due, said(envelope)) == (0.5, FAILED)


def test_an_ending_of_a_whole_answer_stays() -> None:
    left = [*fault("error_event").on_body(iter([(0.0, b"{}"), (0.1, Abort.STALL)]))]
    assert left[-1] == (0.1, Abort.STALL)
