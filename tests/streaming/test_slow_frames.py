"""Frames of slow streams: the same when they are made again."""

from calls import call
from chatdouble.streaming.frames import TextBatch
from chatdouble.streaming.slow_frames import frames_of
from completions import said

WORDS = " ".join(f"word{number}" for number in range(900))


def test_the_beginning_is_made_again_after_the_stream_was_sent() -> None:
    frames = frames_of(said("Hello there"), call(stream=True))
    sent = b"".join(frames)
    assert frames.are_made
    assert [frames.beginning(most) for most in (0, 100, 10_000)] == [b"", sent[:100], sent]


def test_of_a_long_text_more_is_made_again_than_a_journal_keeps() -> None:
    frames = frames_of(said(WORDS), call(stream=True))
    assert not frames.are_made
    sent = b"".join(frames)
    beginning = frames.beginning(len(sent))
    assert 16 * 1024 < len(beginning) < len(sent)
    assert sent.startswith(beginning)


def test_frames_know_roughly_what_they_take() -> None:
    short, long = (frames_of(said(text), call(stream=True)).size for text in ("Hello", WORDS))
    assert 500 < short < 2_000 < long


def test_streams_of_one_text_share_its_pieces() -> None:
    parts = [[*frames_of(said("Hello there"), asked).parts()] for asked in (call(stream=True), call(stream=True))]
    first, second = ([part.pieces for part in made if isinstance(part, TextBatch)] for made in parts)
    assert len(first) == 1
    assert first[0] is second[0]
