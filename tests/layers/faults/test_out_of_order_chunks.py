"""The fault `out_of_order_chunks`."""

import orjson
import pytest

from pieces import fault, greeting, said, whole_greeting


@pytest.mark.parametrize(("options", "first"), [({}, 1), ({"after_chunks": 0}, 0), ({"after_chunks": 3}, 3)])
def test_two_neighbours_change_places_and_keep_the_times(options: dict[str, int], first: int) -> None:
    left = [*fault("out_of_order_chunks", **options).on_frames(iter(greeting()))]
    said_in_order = [frame for _, frame in greeting()]
    swapped = [*said_in_order[:first], said_in_order[first + 1], said_in_order[first], *said_in_order[first + 2 :]]
    assert [frame for _, frame in left] == swapped
    assert [due for due, _ in left] == [due for due, _ in greeting()]


def test_the_last_frame_has_nothing_to_change_places_with() -> None:
    assert [*fault("out_of_order_chunks", after_chunks=5).on_frames(iter(greeting()))] == greeting()


def test_the_choices_of_a_whole_answer_come_in_reverse_order() -> None:
    answer = orjson.dumps({"choices": [{"index": 0}, {"index": 1}, {"index": 2}]})
    [(_, left)] = fault("out_of_order_chunks").on_body(iter([(0.0, answer)]))
    assert [choice["index"] for choice in said(left)["choices"]] == [2, 1, 0]


def test_a_whole_answer_with_one_choice_says_the_same() -> None:
    assert [*fault("out_of_order_chunks").on_body(iter(whole_greeting()))] == whole_greeting()


def test_a_body_without_choices_stays_as_it_is() -> None:
    [(_, left)] = fault("out_of_order_chunks").on_body(iter([(0.0, b'{"error": {}}')]))
    assert said(left) == {"error": {}}
