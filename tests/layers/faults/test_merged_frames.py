"""The fault `merged_frames`."""

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, sent, whole_greeting


def test_frames_leave_three_at_a_time_with_the_last_of_them() -> None:
    left = [*fault("merged_frames").on_frames(iter(greeting()))]
    assert [due for due, _ in left] == [0.2, 0.4]
    assert sent(left) == sent(greeting())


def test_frames_that_are_left_over_leave_at_the_end() -> None:
    left = [*fault("merged_frames").on_frames(iter(greeting()[:4]))]
    assert [due for due, _ in left] == [0.2, 0.3]
    assert sent(left) == sent(greeting()[:4])


def test_an_ending_comes_after_the_frames_that_were_held() -> None:
    left = [*fault("merged_frames").on_frames(iter([(0.0, b"one"), (0.1, b"two"), (0.2, Abort.HANGUP)]))]
    assert left == [(0.2, b"onetwo"), (0.2, Abort.HANGUP)]


def test_a_whole_answer_is_one_piece_already() -> None:
    assert [*fault("merged_frames").on_body(iter(whole_greeting()))] == whole_greeting()
