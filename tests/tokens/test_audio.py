"""Sound in a prompt costs ten tokens a second."""

from base64 import b64encode

from chatdouble.answer.sound import wav
from chatdouble.tokens.audio import heard_tokens


def test_a_wav_costs_what_it_plays() -> None:
    assert heard_tokens({"data": b64encode(wav(2.45)).decode(), "format": "wav"}) == 25


def test_an_mp3_is_taken_for_one_of_128_kbit() -> None:
    assert heard_tokens({"data": b64encode(bytes(32_000)).decode(), "format": "mp3"}) == 20


def test_what_is_no_sound_costs_nothing() -> None:
    assert heard_tokens(None) == 0
    assert heard_tokens({"data": "a"}) == 0
