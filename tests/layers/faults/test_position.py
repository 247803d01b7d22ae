"""Where in an answer a fault happens."""

from hypothesis import given
from hypothesis import strategies as st

from chatdouble.backend.delivery import Abort, Timed
from chatdouble.layers.faults.base import cut_body, first_half
from chatdouble.scripts.format.faults import CutFault


@given(st.lists(st.binary(), min_size=1, max_size=6))
def test_the_first_half_is_half_of_all_bytes(pieces: list[bytes]) -> None:
    timed: list[Timed] = [(float(at), piece) for at, piece in enumerate(pieces)]
    whole = b"".join(pieces)
    kept = b"".join(piece for _, piece in first_half(timed) if isinstance(piece, bytes))
    assert kept == whole[: len(whole) // 2]


def test_a_body_that_has_an_ending_already_keeps_the_one_that_comes_first() -> None:
    left = [*cut_body(iter([(0.0, Abort.RESET)]), CutFault(name="disconnect"), [Abort.HANGUP])]
    assert left[0] == (0.0, Abort.RESET)


def test_of_nothing_only_the_ending_is_left() -> None:
    assert [*first_half([])] == []
    assert [*cut_body(iter(()), CutFault(name="disconnect"), [Abort.HANGUP])] == [(0.0, Abort.HANGUP)]
