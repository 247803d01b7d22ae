"""The fault `split_frames`."""

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, sent, whole_greeting


def test_each_frame_leaves_in_two_writes() -> None:
    left = [*fault("split_frames").on_frames(iter(greeting()))]
    assert len(left) == 2 * len(greeting())
    assert sent(left) == sent(greeting())
    dues = [due for due, _ in left]
    assert dues == sorted(dues)
    assert len({*dues}) > len({due for due, _ in greeting()})


def test_a_character_of_several_bytes_is_cut_in_two() -> None:
    left = [*fault("split_frames").on_frames(iter(greeting()))]
    first, second = left[2][1], left[3][1]
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    assert (first[-1:], second[:1]) == ("ü".encode()[:1], "ü".encode()[1:])


def test_a_whole_answer_leaves_in_two_writes() -> None:
    left = [*fault("split_frames").on_body(iter(whole_greeting()))]
    assert len({due for due, _ in left}) == 2
    assert sent(left) == sent(whole_greeting())


def test_an_ending_stays_the_end() -> None:
    left = [*fault("split_frames").on_frames(iter([(0.0, b"ab"), (0.0, Abort.RESET)]))]
    assert [piece for _, piece in left] == [b"a", b"b", Abort.RESET]
