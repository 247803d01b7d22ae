"""The fault `duplicate_chunk`."""

import pytest

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, sent, whole_greeting


@pytest.mark.parametrize(("options", "twice"), [({}, 1), ({"after_chunks": 0}, 0), ({"after_chunks": 3}, 3)])
def test_one_chunk_comes_twice(options: dict[str, int], twice: int) -> None:
    left = [*fault("duplicate_chunk", **options).on_frames(iter(greeting()))]
    assert left == [*greeting()[: twice + 1], *greeting()[twice:]]


def test_a_whole_answer_comes_twice_in_one_body() -> None:
    left = [*fault("duplicate_chunk").on_body(iter(whole_greeting()))]
    assert sent(left) == sent(whole_greeting()) * 2


def test_an_ending_of_a_whole_answer_comes_once() -> None:
    left = [*fault("duplicate_chunk").on_body(iter([(0.0, b"{}"), (0.1, Abort.STALL)]))]
    assert [piece for _, piece in left] == [b"{}", b"{}", Abort.STALL]
