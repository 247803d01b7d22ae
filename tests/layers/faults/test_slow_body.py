"""The fault `slow_body`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, sent, whole_greeting


@given(rate=st.floats(1, 1_000_000))
def test_every_byte_arrives_and_none_before_the_rate_allows_it(rate: float) -> None:
    left = [*fault("slow_body", bytes_per_second=rate).on_body(iter(whole_greeting()))]
    assert sent(left) == sent(whole_greeting())
    gone = 0
    for due, piece in left:
        assert isinstance(piece, bytes)
        gone += len(piece)
        assert due == pytest.approx(0.5 + gone / rate)


def test_a_stream_drips_at_a_hundred_bytes_a_second() -> None:
    left = [*fault("slow_body").on_frames(iter(greeting()))]
    assert sent(left) == sent(greeting())
    assert max(len(piece) for _, piece in left if isinstance(piece, bytes)) == 5
    assert left[-1][0] == pytest.approx(len(sent(greeting())) / 100)


def test_a_rate_above_the_pace_does_not_hurry_it() -> None:
    left = [*fault("slow_body", bytes_per_second=1e9).on_frames(iter(greeting()))]
    assert [due for due, _ in left] == pytest.approx([due for due, _ in greeting()], abs=1e-5)


def test_an_ending_comes_after_the_bytes_before_it() -> None:
    left = [*fault("slow_body").on_frames(iter([(0.0, b"x" * 10), (0.0, Abort.HANGUP)]))]
    assert left == [(0.05, b"xxxxx"), (0.1, b"xxxxx"), (0.1, Abort.HANGUP)]
