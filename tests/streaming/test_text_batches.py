"""Batches of a text's frames are the frames of its slices."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from calls import call
from chatdouble.core.json import encode_each
from chatdouble.schema.completion import Completion
from chatdouble.streaming.frames import Framer, writes_of
from chatdouble.streaming.slice import slices
from chatdouble.streaming.slow_frames import frames_of
from completions import choice, completion, completions, message

OPTIONS: list[dict[str, Any]] = [
    {},
    {"stream_options": {"include_obfuscation": False}},
    {"stream_options": {"include_usage": True}},
]
TEXTS = st.text(max_size=60) | st.sampled_from(['"},{"delta":{"content":"a"}', "🧑‍🚀🪐ꙮ", "\u2028\n  ,\r", "x" * 400])


def one_by_one(answer: Completion, together: int, **options: Any) -> list[bytes]:
    asked = call(stream=True, **options)
    asked.delivery.chunk_tokens = together
    return list(Framer(asked).frames(slices(answer, asked)))


def at_once(answer: Completion, together: int, **options: Any) -> list[bytes]:
    asked = call(stream=True, **options)
    asked.delivery.chunk_tokens = together
    return list(frames_of(answer, asked))


@given(text=TEXTS, together=st.integers(1, 3), options=st.sampled_from(OPTIONS))
def test_a_text_has_the_frames_of_its_slices(text: str, together: int, options: dict[str, Any]) -> None:
    answer = completion(choice(message(text)))
    assert at_once(answer, together, **options) == one_by_one(answer, together, **options)


@given(completions())
def test_any_answer_has_the_frames_of_its_slices(answer: Completion) -> None:
    assert at_once(answer, 1) == one_by_one(answer, 1)


def test_writes_contain_the_same_frames_in_large_pieces() -> None:
    for text in ("", "word " * 200, "word " * 2000, "é" * 9000, "word " * 3000 + "🧑‍🚀ꙮ" * 900, "🪐ꙮ word" * 9000):
        answer, asked = completion(choice(message(text))), call(stream=True)
        writes, frames = list(writes_of(answer, asked)), list(frames_of(answer, asked))
        assert b"".join(writes) == b"".join(frames)
        assert len(writes) <= 1 + sum(map(len, frames)) / 2**15
        assert max(map(len, writes)) < 2**17


def test_a_stream_of_200_tokens_is_a_single_write() -> None:
    answer, asked = completion(choice(message("word " * 200))), call(stream=True)
    assert list(writes_of(answer, asked)) == [b"".join(frames_of(answer, asked))]


def test_two_choices_are_a_single_write() -> None:
    answer, asked = completion(choice(message("Hi")), choice(message("Ho"), index=1)), call(stream=True)
    assert list(writes_of(answer, asked)) == [b"".join(frames_of(answer, asked))]


def test_keys_of_the_answer_that_look_like_a_delta_are_kept() -> None:
    answer: Any = completion(choice(message("a a a")))
    answer["given"] = {"delta": {"content": "a a a"}}
    assert at_once(answer, 1) == one_by_one(answer, 1)


def test_a_lone_surrogate_is_framed() -> None:
    answer = completion(choice(message("plain")))
    asked = call(stream=True)
    _, chunk, _ = slices(answer, asked, whole_texts=True)
    broken = [
        frame for batch in Framer(asked).batches(chunk, "plain", [encode_each(["\ud800", "b"])]) for frame in batch
    ]
    assert rb'"\ud800"' in broken[0]
    assert b'"b"' in broken[1]


def test_a_number_over_64_bits_is_framed_beside_any_text() -> None:
    answer: Any = completion(choice(message("naïve words")))
    answer["created"] = 2**70
    frames = at_once(answer, 1)
    assert frames == one_by_one(answer, 1)
    assert len(frames) > 4


def test_pieces_of_more_than_255_characters_are_padded_as_shorter_ones() -> None:
    answer, asked = completion(choice(message("several words " * 200))), call(stream=True)
    asked.delivery.chunk_tokens = 100
    frames = list(Framer(asked).frames(slices(answer, asked)))
    assert any(len(frame) > 600 for frame in frames)
    assert b"".join(writes_of(answer, asked)) == b"".join(frames)
