"""The fault `reset`."""

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, whole_greeting


def test_a_stream_is_reset_before_any_byte() -> None:
    assert [*fault("reset").on_frames(iter(greeting()))] == [(0.0, Abort.RESET)]


def test_a_whole_answer_is_reset_before_any_byte() -> None:
    assert [*fault("reset").on_body(iter(whole_greeting()))] == [(0.0, Abort.RESET)]
