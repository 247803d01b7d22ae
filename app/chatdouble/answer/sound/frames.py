"""Silence in formats that are a row of equal frames: MP3 and AAC."""

import math
from typing import Final

from chatdouble.answer.sound.pcm import RATE

_MP3_FRAME: Final = bytes.fromhex("fff344c4").ljust(96, b"\0")
"""MPEG-2 layer III at 32 kbit/s, 24 kHz, one channel: a header, then side information that says "nothing"."""

_MP3_SAMPLES: Final = 576

_AAC_FRAME: Final = bytes.fromhex("fff15840017ffc") + bytes.fromhex("00000007")
"""An ADTS header for AAC-LC at 24 kHz with one channel, and one element of it without any band."""

_AAC_SAMPLES: Final = 1024


def mp3(seconds: float) -> bytes:
    """Return silence of a length in seconds, rounded up to whole frames, as an MP3 file."""
    return _MP3_FRAME * math.ceil(seconds * RATE / _MP3_SAMPLES)


def aac(seconds: float) -> bytes:
    """Return silence of a length in seconds, rounded up to whole frames, as AAC in ADTS."""
    return _AAC_FRAME * math.ceil(seconds * RATE / _AAC_SAMPLES)
