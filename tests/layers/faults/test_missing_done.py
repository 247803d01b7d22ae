"""The fault `missing_done`."""

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, sent, whole_greeting


def test_a_stream_has_everything_but_its_done() -> None:
    assert [*fault("missing_done").on_frames(iter(greeting()))] == greeting()[:-1]


def test_a_whole_answer_has_everything_but_its_last_brace() -> None:
    left = [*fault("missing_done").on_body(iter(whole_greeting()))]
    assert sent(left) + b"}\n" == sent(whole_greeting())


def test_an_ending_of_a_whole_answer_stays() -> None:
    left = [*fault("missing_done").on_body(iter([(0.0, b"{}"), (0.1, Abort.STALL)]))]
    assert left == [(0.1, b"{"), (0.1, Abort.STALL)]
