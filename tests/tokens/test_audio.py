"""Sound in a prompt costs ten tokens a second."""

from base64 import b64encode

import pytest

from chatdouble.answer.sound import mp3, wav
from chatdouble.tokens.audio import heard_tokens


def heard(data: bytes) -> int:
    """Return what sound costs."""
    return heard_tokens({"data": b64encode(data).decode(), "format": "wav"})


def test_a_wav_costs_what_it_plays() -> None:
    assert heard(wav(2.45)) == 24
    assert heard(wav(2.5)) == 25


def test_a_wav_whose_header_is_a_streams_costs_the_bytes_that_are_there() -> None:
    data = bytearray(wav(1.2))
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    assert heard(bytes(data)) == 12


def test_chunks_before_a_wavs_sound_are_passed_over() -> None:
    data = wav(1.2)
    assert heard(data[:12] + b"LIST\x03\0\0\0abc\0" + data[12:]) == 12


@pytest.mark.parametrize("data", [b"RIFF\0\0\0\0WAVE", b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + bytes(16) + b"data\0\0\0\0"])
def test_a_wav_that_says_no_rate_is_taken_for_one_of_128_kbit(data: bytes) -> None:
    assert heard(data + bytes(32_000 - len(data))) == 20


def test_an_mp3_costs_its_frames() -> None:
    assert heard(mp3(1.2)) == 12


def test_an_mp3s_tags_are_not_heard() -> None:
    id3 = b"ID3\x04\0\0\0\0\x01\x00" + bytes.fromhex("fff344c4").ljust(128, b"\xff")
    assert heard(id3 + mp3(2.4)) == 24


def test_what_an_mp3s_encoder_added_is_not_heard() -> None:
    delays = (576 << 12 | 1152).to_bytes(3)
    # A frame of 128 kbit/s at 24 kHz, 384 bytes, that holds the encoder's tag in place of sound.
    tag = (bytes.fromhex("fff3c4c4") + bytes(9) + b"Info" + bytes(137) + delays).ljust(384, b"\0")
    assert heard(tag + mp3(2.4)) == 23


def test_other_versions_and_paddings_are_measured_by_their_own_rules() -> None:
    version_1 = (bytes.fromhex("fffb9264")).ljust(418, b"\0")
    assert heard(version_1 * 39) == 10


def test_what_is_neither_wav_nor_mp3_is_taken_for_sound_of_128_kbit() -> None:
    assert heard(bytes(32_000)) == 20
    assert heard(bytes.fromhex("ffe30000ffffffff").ljust(32_000, b"\0")) == 20


def test_what_is_no_sound_costs_nothing() -> None:
    assert heard_tokens(None) == 0
    assert heard_tokens({"data": "a"}) == 0


@pytest.mark.parametrize("junk", [b"\0", b"\xff", b"\xff\xfb\xff"])
def test_an_mp3_is_read_behind_any_amount_of_junk(junk: bytes) -> None:
    assert heard(junk * 300_000 + mp3(1.2)) == 12
