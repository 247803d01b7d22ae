"""Changes of frames and bodies, and positions in them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chatdouble.backend.delivery import Abort, Timed
from chatdouble.layers.faults.base import changed_body, changed_frames, cut_body, first_half, whole_body
from chatdouble.scripts.format.faults import CutFault


@given(st.lists(st.binary(), min_size=1, max_size=6))
def test_the_first_half_is_half_of_all_bytes(pieces: list[bytes]) -> None:
    timed: list[Timed] = [(float(at), piece) for at, piece in enumerate(pieces)]
    whole = b"".join(pieces)
    kept = b"".join(piece for _, piece in first_half(timed) if isinstance(piece, bytes))
    assert kept == whole[: len(whole) // 2]


def test_a_body_that_aborts_already_keeps_its_abort() -> None:
    left = [*cut_body(iter([(0.0, Abort.RESET)]), CutFault(name="disconnect"), [Abort.HANGUP])]
    assert left[0] == (0.0, Abort.RESET)


def test_only_the_abort_is_left_of_an_empty_body() -> None:
    assert [*first_half([])] == []
    assert [*cut_body(iter(()), CutFault(name="disconnect"), [Abort.HANGUP])] == [(0.0, Abort.HANGUP)]


def mark(answer: dict[str, Any]) -> None:
    answer["marked"] = "ü"


def test_chunks_are_changed_and_nothing_else() -> None:
    others: list[Timed] = [
        (0.1, b": ping\n\n"),
        (0.2, b"data: {oops\n\n"),
        (0.3, b"data: [DONE]\n\n"),
        (0.4, Abort.STALL),
    ]
    left = [*changed_frames(iter([(0.0, b'data: {"id":"a"}\n\n'), *others]), mark)]
    assert left == [(0.0, 'data: {"id":"a","marked":"ü"}\n\n'.encode()), *others]


def test_a_body_in_pieces_is_changed_as_a_whole() -> None:
    left = [*changed_body(iter([(0.0, b'{"id":'), (0.5, b'"a"}'), (0.6, Abort.HANGUP)]), mark)]
    assert left == [(0.6, '{\n  "id": "a",\n  "marked": "ü"\n}\n'.encode()), (0.6, Abort.HANGUP)]


def test_a_body_that_is_not_an_object_stays_unchanged() -> None:
    for body in (b"", b"[1]", b"upstream connect error"):
        assert [*changed_body(iter([(0.1, body)]), mark)] == [(0.1, body)]


@given(st.lists(st.binary(), max_size=5))
def test_pieces_become_one_due_with_the_last(pieces: list[bytes]) -> None:
    timed: list[Timed] = [(float(at), piece) for at, piece in enumerate(pieces)]
    assert [*whole_body(iter(timed))] == [(float(max(0, len(pieces) - 1)), b"".join(pieces))]
