"""Faults of framing."""

import orjson
import pytest

from chatdouble.backend.delivery import Abort
from pieces import fault, greeting, said, sent, whole_greeting


def test_one_frame_has_a_line_break_inside_its_json() -> None:
    left = [*fault("broken_frame", after_chunks=2).on_frames(iter(greeting()))]
    frame = left[2][1]
    assert isinstance(frame, bytes)
    first, second, *_ = frame.split(b"\n")
    assert b"data: %b%b\n\n" % (first.removeprefix(b"data: "), second) == greeting()[2][1]
    assert left[:2] + left[3:] == greeting()[:2] + greeting()[3:]


def test_the_second_frame_is_broken_by_default() -> None:
    left = [*fault("broken_frame").on_frames(iter(greeting()))]
    assert [at for at, timed in enumerate(left) if timed != greeting()[at]] == [1]


def test_a_whole_answer_has_line_breaks_inside_its_strings() -> None:
    left = [*fault("broken_frame").on_body(iter(whole_greeting()))]
    assert sent(left).replace(b'": "\n', b'": "') == sent(whole_greeting())
    with pytest.raises(orjson.JSONDecodeError):
        said(left[0][1])


@pytest.mark.parametrize(("options", "twice"), [({}, 1), ({"after_chunks": 0}, 0), ({"after_chunks": 3}, 3)])
def test_one_chunk_is_sent_twice(options: dict[str, int], twice: int) -> None:
    left = [*fault("duplicate_chunk", **options).on_frames(iter(greeting()))]
    assert left == [*greeting()[: twice + 1], *greeting()[twice:]]


def test_a_whole_answer_is_sent_twice_in_one_body() -> None:
    left = [*fault("duplicate_chunk").on_body(iter(whole_greeting()))]
    assert sent(left) == sent(whole_greeting()) * 2


def test_an_abort_of_a_duplicated_answer_happens_once() -> None:
    left = [*fault("duplicate_chunk").on_body(iter([(0.0, b"{}"), (0.1, Abort.STALL)]))]
    assert [piece for _, piece in left] == [b"{}", b"{}", Abort.STALL]


def test_merged_frames_are_sent_three_at_a_time_with_the_last_of_them() -> None:
    left = [*fault("merged_frames").on_frames(iter(greeting()))]
    assert [due for due, _ in left] == [0.2, 0.4]
    assert sent(left) == sent(greeting())


def test_remaining_frames_are_sent_at_the_end() -> None:
    left = [*fault("merged_frames").on_frames(iter(greeting()[:4]))]
    assert [due for due, _ in left] == [0.2, 0.3]
    assert sent(left) == sent(greeting()[:4])


def test_an_abort_happens_after_the_merged_frames() -> None:
    left = [*fault("merged_frames").on_frames(iter([(0.0, b"one"), (0.1, b"two"), (0.2, Abort.HANGUP)]))]
    assert left == [(0.2, b"onetwo"), (0.2, Abort.HANGUP)]


def test_merging_leaves_a_whole_answer_unchanged() -> None:
    assert [*fault("merged_frames").on_body(iter(whole_greeting()))] == whole_greeting()


def test_a_stream_has_everything_but_its_done() -> None:
    assert [*fault("missing_done").on_frames(iter(greeting()))] == greeting()[:-1]


def test_a_whole_answer_has_everything_but_its_last_brace() -> None:
    left = [*fault("missing_done").on_body(iter(whole_greeting()))]
    assert sent(left) + b"}\n" == sent(whole_greeting())


def test_an_abort_of_an_answer_without_its_last_brace_stays() -> None:
    left = [*fault("missing_done").on_body(iter([(0.0, b"{}"), (0.1, Abort.STALL)]))]
    assert left == [(0.1, b"{"), (0.1, Abort.STALL)]


@pytest.mark.parametrize(("options", "first"), [({}, 1), ({"after_chunks": 0}, 0), ({"after_chunks": 3}, 3)])
def test_two_chunks_are_swapped_and_the_times_stay_in_order(options: dict[str, int], first: int) -> None:
    left = [*fault("out_of_order_chunks", **options).on_frames(iter(greeting()))]
    said_in_order = [frame for _, frame in greeting()]
    swapped = [*said_in_order[:first], said_in_order[first + 1], said_in_order[first], *said_in_order[first + 2 :]]
    assert [frame for _, frame in left] == swapped
    assert [due for due, _ in left] == [due for due, _ in greeting()]


def test_the_last_frame_has_no_next_one_to_swap_with() -> None:
    assert [*fault("out_of_order_chunks", after_chunks=5).on_frames(iter(greeting()))] == greeting()


def test_the_choices_of_a_whole_answer_are_reversed() -> None:
    answer = orjson.dumps({"choices": [{"index": 0}, {"index": 1}, {"index": 2}]})
    [(_, left)] = fault("out_of_order_chunks").on_body(iter([(0.0, answer)]))
    assert [choice["index"] for choice in said(left)["choices"]] == [2, 1, 0]


def test_a_whole_answer_with_one_choice_keeps_its_order() -> None:
    assert [*fault("out_of_order_chunks").on_body(iter(whole_greeting()))] == whole_greeting()


def test_a_body_without_choices_keeps_its_order() -> None:
    [(_, left)] = fault("out_of_order_chunks").on_body(iter([(0.0, b'{"error": {}}')]))
    assert said(left) == {"error": {}}


def test_each_frame_is_sent_in_two_writes() -> None:
    left = [*fault("split_frames").on_frames(iter(greeting()))]
    assert len(left) == 2 * len(greeting())
    assert sent(left) == sent(greeting())
    dues = [due for due, _ in left]
    assert dues == sorted(dues)
    assert len({*dues}) > len({due for due, _ in greeting()})


def test_a_multi_byte_character_is_split() -> None:
    left = [*fault("split_frames").on_frames(iter(greeting()))]
    first, second = left[2][1], left[3][1]
    assert isinstance(first, bytes)
    assert isinstance(second, bytes)
    assert (first[-1:], second[:1]) == ("ü".encode()[:1], "ü".encode()[1:])


def test_a_whole_answer_is_sent_in_two_writes() -> None:
    left = [*fault("split_frames").on_body(iter(whole_greeting()))]
    assert len({due for due, _ in left}) == 2
    assert sent(left) == sent(whole_greeting())


def test_an_abort_of_split_frames_stays_last() -> None:
    left = [*fault("split_frames").on_frames(iter([(0.0, b"ab"), (0.0, Abort.RESET)]))]
    assert [piece for _, piece in left] == [b"a", b"b", Abort.RESET]
