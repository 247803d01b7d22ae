"""The fault `stall`."""

import pytest

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, sent, whole_greeting


def test_a_stream_ends_after_its_first_chunk() -> None:
    assert [*fault("stall").on_frames(iter(greeting()))] == [*greeting()[:1], (0.1, Abort.STALL)]


@pytest.mark.parametrize("chunks", [0, 1, 3, 5])
def test_a_stream_ends_after_as_many_chunks_as_asked(chunks: int) -> None:
    left = [*fault("stall", after_chunks=chunks).on_frames(iter(greeting()))]
    assert left[:-1] == greeting()[:chunks]
    assert left[-1][1] is Abort.STALL


def test_a_stream_that_is_shorter_ends_before_its_done() -> None:
    left = [*fault("stall", after_chunks=99).on_frames(iter(greeting()))]
    assert left == [*greeting()[:-1], (0.4, Abort.STALL)]


def test_a_stream_ends_when_the_time_has_come() -> None:
    left = [*fault("stall", after_seconds=0.15).on_frames(iter(greeting()))]
    assert left == [*greeting()[:2], (0.15, Abort.STALL)]


def test_a_stream_that_is_over_in_time_is_whole() -> None:
    assert [*fault("stall", after_seconds=60).on_frames(iter(greeting()))] == greeting()


def test_of_chunks_and_seconds_whichever_comes_first_counts() -> None:
    soon = fault("stall", after_chunks=2, after_seconds=60).on_frames(iter(greeting()))
    assert [*soon] == [*greeting()[:2], (0.2, Abort.STALL)]
    sooner = fault("stall", after_chunks=99, after_seconds=0.05).on_frames(iter(greeting()))
    assert [*sooner] == [*greeting()[:1], (0.05, Abort.STALL)]


def test_a_whole_answer_ends_after_half_its_bytes() -> None:
    left = [*fault("stall").on_body(iter(whole_greeting()))]
    whole = sent(whole_greeting())
    assert left == [(0.5, whole[: len(whole) // 2]), (0.5, Abort.STALL)]


def test_a_whole_answer_may_end_before_any_byte() -> None:
    assert [*fault("stall", after_chunks=0).on_body(iter(whole_greeting()))] == [(0.5, Abort.STALL)]


@pytest.mark.parametrize(("seconds", "kept"), [(0.2, 0), (2.0, 1)])
def test_a_whole_answer_ends_when_the_time_has_come(seconds: float, kept: int) -> None:
    left = [*fault("stall", after_seconds=seconds).on_body(iter(whole_greeting()))]
    assert left == [*whole_greeting()[:kept], (seconds, Abort.STALL)]
