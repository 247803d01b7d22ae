"""A soft tone for each spoken token, as plain samples and as a WAV file."""

import io
import math
import struct
import wave
from functools import cache
from typing import Final

RATE: Final = 24_000
"""Samples a second, of 16 bits, one channel (reference 2, `audio.format`)."""

_PITCH: Final = 220
_LOUDNESS: Final = 3_000
_SOUNDING: Final = 0.8


def pcm16(seconds: float) -> bytes:
    """Return raw little-endian samples of a length in seconds, a soft beep each quarter of a second."""
    samples = round(seconds * RATE)
    beep = _beep()
    return (beep * (2 * samples // len(beep) + 1))[: 2 * samples]


def wav(seconds: float) -> bytes:
    """Return the samples of `pcm16` as a WAV file."""
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm16(seconds))
    return held.getvalue()


@cache
def _beep() -> bytes:
    """Return a quarter of a second: a tone that swells and fades, and a pause."""
    length = RATE // 4
    sounding = int(length * _SOUNDING)
    tone = [
        round(_LOUDNESS * math.sin(math.pi * at / sounding) * math.sin(2 * math.pi * _PITCH * at / RATE))
        for at in range(sounding)
    ]
    return struct.pack(f"<{length}h", *tone, *[0] * (length - sounding))
