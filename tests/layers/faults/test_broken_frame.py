"""The fault `broken_frame`."""

import orjson
import pytest

from pieces import fault, greeting, said, sent, whole_greeting


def test_one_frame_has_a_line_break_inside_its_json() -> None:
    left = [*fault("broken_frame", after_chunks=2).on_frames(iter(greeting()))]
    frame = left[2][1]
    assert isinstance(frame, bytes)
    first, second, *_ = frame.split(b"\n")
    assert b"data: %b%b\n\n" % (first.removeprefix(b"data: "), second) == greeting()[2][1]
    assert left[:2] + left[3:] == greeting()[:2] + greeting()[3:]


def test_the_second_frame_breaks_unless_told_otherwise() -> None:
    left = [*fault("broken_frame").on_frames(iter(greeting()))]
    assert [at for at, timed in enumerate(left) if timed != greeting()[at]] == [1]


def test_a_whole_answer_has_line_breaks_inside_its_strings() -> None:
    left = [*fault("broken_frame").on_body(iter(whole_greeting()))]
    assert sent(left).replace(b'": "\n', b'": "') == sent(whole_greeting())
    with pytest.raises(orjson.JSONDecodeError):
        said(left[0][1])
