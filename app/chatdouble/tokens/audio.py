"""Tokens of audio input, by its duration."""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final, NamedTuple

from chatdouble.core.json import as_object

TOKENS_PER_SECOND: Final = 10
"""Tokens per second of audio input: one for each whole 100 ms."""

_UNREADABLE_BYTES_PER_SECOND: Final = 16_000
"""Bytes per second assumed for an unknown format: 128 kbit."""


def heard_tokens(input_audio: Any) -> int:
    """Return the tokens of an audio part: 10 a second, the last tenth not counted unless it is whole.

    Args:
        input_audio: The part's `input_audio`: base64 `data` and its `format`.
    """
    try:
        data = b64decode(str(as_object(input_audio).get("data") or ""))
    except (binascii.Error, ValueError):
        return 0
    return int(_seconds(data) * TOKENS_PER_SECOND)


def _seconds(data: bytes) -> Fraction:
    found = _wav_seconds(data) if data.startswith(b"RIFF") else _mp3_seconds(data)
    return Fraction(len(data), _UNREADABLE_BYTES_PER_SECOND) if found is None else found


_CHUNK_HEAD: Final = 8
_RIFF_HEAD: Final = 12
_MOST_CHUNKS: Final = 10_000
"""The chunks of a WAV that are looked at; a usual one has some ten."""


def _wav_seconds(data: bytes) -> Fraction | None:
    """Return the duration of a WAV, by its actual bytes: a streamed file's header has a wrong length."""
    at, rate = _RIFF_HEAD, 0
    for _ in range(_MOST_CHUNKS):
        if at + _CHUNK_HEAD > len(data):
            break
        kind, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        at += _CHUNK_HEAD
        if kind == b"fmt ":
            rate = int.from_bytes(data[at + 8 : at + 12], "little")
        elif kind == b"data":
            return Fraction(min(size, len(data) - at), rate) if rate else None
        at += size + size % 2
    return None


# MPEG audio, layer III. Bit rates in kbit/s by index, for version 1 and for versions 2 and 2.5.
_KILOBITS: Final = (
    (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
)
_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_VERSION_1: Final = 3
_LAYER_3: Final = 1
_FRAME_HEAD: Final = 4
_DELAYS: Final = 141
"""Offset of the samples to cut off at both ends in an encoder's tag, which replaces the first frame's audio."""


class _Frame(NamedTuple):
    """A frame of an MP3: its length in bytes and in samples, and its sample rate."""

    size: int
    samples: int
    rate: int


def _mp3_seconds(data: bytes) -> Fraction | None:
    samples, rate, cut = 0, 0, 0
    for at, frame in _frames(data):
        tag = max(data.find(b"Xing", at, at + frame.size), data.find(b"Info", at, at + frame.size))
        if not rate and tag >= 0:
            delays = int.from_bytes(data[tag + _DELAYS : tag + _DELAYS + 3])
            cut = (delays >> 12) + (delays & 0xFFF)
        else:
            samples += frame.samples
        rate = frame.rate
    return Fraction(max(samples - cut, 0), rate) if rate else None


def _frames(data: bytes) -> Iterator[tuple[int, _Frame]]:
    """Yield an MP3's frames with their offsets."""
    at = _next(data, _id3_size(data))
    while at + _FRAME_HEAD <= len(data):
        frame = _frame(data[at : at + _FRAME_HEAD])
        if frame is not None:
            yield at, frame
        at = _next(data, at + (frame.size if frame else 1))


def _next(data: bytes, start: int) -> int:
    """Return the place of what may be a frame's head, at or after another place; data without one ends there."""
    head = re.compile(_BEGINNING)
    for at in range(start, len(data), _STEP):
        if found := head.search(data, at, at + _STEP + 1):
            return found.start()
    return len(data)


_BEGINNING: Final = rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]"
"""The first bytes of a frame of layer III."""
_STEP: Final = 256 * 1024
"""The bytes that are searched at once."""


def _id3_size(data: bytes) -> int:
    """Return the length of an MP3's ID3 tag; its size field has seven bits in each byte."""
    if not data.startswith(b"ID3") or len(data) < _RIFF_HEAD:
        return 0
    return 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))


def _frame(head: bytes) -> _Frame | None:
    if head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004 - eleven set bits begin a frame
        return None
    version, layer, speed, rate = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    kilobits = _KILOBITS[version != _VERSION_1]
    if version not in _RATES or layer != _LAYER_3 or not 0 < speed < len(kilobits) or rate >= len(_RATES[version]):
        return None
    samples, each = (1152, 144) if version == _VERSION_1 else (576, 72)
    hertz = _RATES[version][rate]
    return _Frame(each * kilobits[speed] * 1000 // hertz + (head[2] >> 1 & 1), samples, hertz)
