"""Faults of the connection."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, sent, whole_greeting

CUTS = [("disconnect", Abort.HANGUP), ("stall", Abort.STALL)]


@pytest.mark.parametrize(("name", "abort"), CUTS)
def test_a_cut_stream_ends_after_its_first_chunk(name: str, abort: Abort) -> None:
    assert [*fault(name).on_frames(iter(greeting()))] == [*greeting()[:1], (0.1, abort)]


@pytest.mark.parametrize(("name", "abort"), CUTS)
@pytest.mark.parametrize("chunks", [0, 1, 3, 5])
def test_a_cut_stream_ends_after_the_given_number_of_chunks(name: str, abort: Abort, chunks: int) -> None:
    left = [*fault(name, after_chunks=chunks).on_frames(iter(greeting()))]
    assert left[:-1] == greeting()[:chunks]
    assert left[-1][1] is abort


@pytest.mark.parametrize(("name", "abort"), CUTS)
def test_a_cut_stream_that_is_shorter_ends_before_its_done(name: str, abort: Abort) -> None:
    left = [*fault(name, after_chunks=99).on_frames(iter(greeting()))]
    assert left == [*greeting()[:-1], (0.4, abort)]


@pytest.mark.parametrize(("name", "abort"), CUTS)
def test_a_cut_stream_ends_at_the_given_time(name: str, abort: Abort) -> None:
    left = [*fault(name, after_seconds=0.15).on_frames(iter(greeting()))]
    assert left == [*greeting()[:2], (0.15, abort)]


@pytest.mark.parametrize(("name", "abort"), CUTS)
def test_a_stream_that_is_over_by_the_given_time_is_not_cut(name: str, abort: Abort) -> None:
    assert [*fault(name, after_seconds=60).on_frames(iter(greeting()))] == greeting()


@pytest.mark.parametrize(("name", "abort"), CUTS)
def test_a_stream_is_cut_at_the_earlier_of_chunks_and_seconds(name: str, abort: Abort) -> None:
    soon = fault(name, after_chunks=2, after_seconds=60).on_frames(iter(greeting()))
    assert [*soon] == [*greeting()[:2], (0.2, abort)]
    sooner = fault(name, after_chunks=99, after_seconds=0.05).on_frames(iter(greeting()))
    assert [*sooner] == [*greeting()[:1], (0.05, abort)]


@pytest.mark.parametrize(("name", "abort"), CUTS)
def test_a_cut_answer_ends_after_half_its_bytes(name: str, abort: Abort) -> None:
    left = [*fault(name).on_body(iter(whole_greeting()))]
    whole = sent(whole_greeting())
    assert left == [(0.5, whole[: len(whole) // 2]), (0.5, abort)]


@pytest.mark.parametrize(("name", "abort"), CUTS)
def test_a_cut_answer_may_end_before_the_first_byte(name: str, abort: Abort) -> None:
    assert [*fault(name, after_chunks=0).on_body(iter(whole_greeting()))] == [(0.5, abort)]


@pytest.mark.parametrize(("name", "abort"), CUTS)
@pytest.mark.parametrize(("seconds", "kept"), [(0.2, 0), (2.0, 1)])
def test_a_cut_answer_ends_at_the_given_time(name: str, abort: Abort, seconds: float, kept: int) -> None:
    left = [*fault(name, after_seconds=seconds).on_body(iter(whole_greeting()))]
    assert left == [*whole_greeting()[:kept], (seconds, abort)]


def test_a_stream_is_reset_before_the_first_byte() -> None:
    assert [*fault("reset").on_frames(iter(greeting()))] == [(0.0, Abort.RESET)]


def test_a_whole_answer_is_reset_before_the_first_byte() -> None:
    assert [*fault("reset").on_body(iter(whole_greeting()))] == [(0.0, Abort.RESET)]


@given(rate=st.floats(1, 1_000_000))
def test_a_slow_body_sends_every_byte_and_none_before_the_rate_allows_it(rate: float) -> None:
    left = [*fault("slow_body", bytes_per_second=rate).on_body(iter(whole_greeting()))]
    assert sent(left) == sent(whole_greeting())
    gone = 0
    for due, piece in left:
        assert isinstance(piece, bytes)
        gone += len(piece)
        assert due == pytest.approx(0.5 + gone / rate)


def test_a_slow_stream_has_a_hundred_bytes_per_second() -> None:
    left = [*fault("slow_body").on_frames(iter(greeting()))]
    assert sent(left) == sent(greeting())
    assert max(len(piece) for _, piece in left if isinstance(piece, bytes)) == 5
    assert left[-1][0] == pytest.approx(len(sent(greeting())) / 100)


def test_a_rate_above_the_pace_keeps_the_pace() -> None:
    left = [*fault("slow_body", bytes_per_second=1e9).on_frames(iter(greeting()))]
    assert [due for due, _ in left] == pytest.approx([due for due, _ in greeting()], abs=1e-5)


def test_a_slow_body_aborts_after_the_bytes_before_the_abort() -> None:
    left = [*fault("slow_body").on_frames(iter([(0.0, b"x" * 10), (0.0, Abort.HANGUP)]))]
    assert left == [(0.05, b"xxxxx"), (0.1, b"xxxxx"), (0.1, Abort.HANGUP)]


def test_an_empty_stream_has_a_head_and_no_frames() -> None:
    assert [*fault("empty_body").on_frames(iter(greeting()))] == [(0.0, b"")]


def test_an_answer_without_pieces_stays_empty() -> None:
    assert [*fault("empty_body").on_frames(iter(()))] == [(0.0, b"")]


def test_an_empty_answer_has_a_head_and_no_body() -> None:
    assert [*fault("empty_body").on_body(iter(whole_greeting()))] == [(0.5, b"")]
