"""The fault `empty_body`."""

from pieces import fault, greeting, whole_greeting


def test_a_stream_has_a_head_and_nothing_else() -> None:
    assert [*fault("empty_body").on_frames(iter(greeting()))] == [(0.0, b"")]


def test_nothing_stays_nothing() -> None:
    assert [*fault("empty_body").on_frames(iter(()))] == [(0.0, b"")]


def test_a_whole_answer_has_a_head_and_nothing_else() -> None:
    assert [*fault("empty_body").on_body(iter(whole_greeting()))] == [(0.5, b"")]
