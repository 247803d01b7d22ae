"""A soft tone for each spoken token, as plain samples and as a WAV file."""

import io
import math
import struct
import wave
from collections.abc import Callable
from functools import cache
from hashlib import md5
from typing import Final

RATE: Final = 24_000
"""Samples a second, of 16 bits, one channel (requests#audio)."""

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


def crc(polynomial: int, width: int) -> Callable[[bytes], int]:
    """Return the function that checks bytes with a polynomial of `width` bits."""
    mask, shift = (1 << width) - 1, width - 8

    def check(data: bytes) -> int:
        table, value = _table(polynomial, width), 0
        for byte in data:
            value = (value << 8 & mask) ^ table[value >> shift ^ byte]
        return value

    return check


@cache
def _table(polynomial: int, width: int) -> tuple[int, ...]:
    return tuple(_step(first << width - 8, polynomial, width) for first in range(256))


def _step(value: int, polynomial: int, width: int) -> int:
    top, mask = 1 << width - 1, (1 << width) - 1
    for _ in range(8):
        value = (value << 1 ^ polynomial if value & top else value << 1) & mask
    return value


_BLOCK: Final = 4096
_CONSTANT_ZERO: Final = bytes(3)

_crc8 = crc(0x07, 8)
_crc16 = crc(0x8005, 16)


def flac(seconds: float) -> bytes:
    """Return silence of a length in seconds as a FLAC file, 24 kHz, 16 bits, one channel."""
    samples = round(seconds * RATE)
    blocks = range(0, samples, _BLOCK)
    frames = b"".join(_frame(start // _BLOCK, min(_BLOCK, samples - start)) for start in blocks)
    return b"fLaC" + _stream_info(samples) + frames


def _stream_info(samples: int) -> bytes:
    """Return the one metadata block, marked as the last."""
    shape = RATE << 44 | 0 << 41 | 15 << 36 | samples
    block = _BLOCK.to_bytes(2) * 2 + bytes(6) + shape.to_bytes(8)
    signature = md5(bytes(2 * samples), usedforsecurity=False).digest()
    return b"\x80" + (34).to_bytes(3) + block + signature


def _frame(number: int, samples: int) -> bytes:
    """Return one block: a header with its size and number, a constant of 0, and the checks."""
    header = b"\xff\xf8\x77\x08" + chr(number).encode("utf-8", "surrogatepass") + (samples - 1).to_bytes(2)
    frame = header + _crc8(header).to_bytes(1) + _CONSTANT_ZERO
    return frame + _crc16(frame).to_bytes(2)


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


_SILENT_PACKET: Final = b"\xf8\xff\xfe"
"""Twenty milliseconds of full-band silence."""

_PACKET_SAMPLES: Final = 960
_CLOCK: Final = 48_000
_PRESKIP: Final = 312
_PACKETS_A_PAGE: Final = 50
_SERIAL: Final = 1
_FIRST: Final = 2
_LAST: Final = 4

_crc32 = crc(0x04C11DB7, 32)


def opus(seconds: float) -> bytes:
    """Return silence of a length in seconds as an Ogg Opus file with one channel."""
    samples = round(seconds * _CLOCK) + _PRESKIP
    packets = max(math.ceil(samples / _PACKET_SAMPLES), 1)
    head = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, _PRESKIP, RATE, 0, 0)
    tags = struct.pack("<8sI10sI", b"OpusTags", 10, b"chatdouble", 0)
    pages = [_page([head], 0, 0, _FIRST), _page([tags], 1, 0, 0)]
    for start in range(0, packets, _PACKETS_A_PAGE):
        end = min(start + _PACKETS_A_PAGE, packets)
        is_last = end == packets
        heard = samples if is_last else end * _PACKET_SAMPLES
        held = [_SILENT_PACKET] * (end - start)
        pages.append(_page(held, len(pages), heard, _LAST if is_last else 0))
    return b"".join(pages)


def _page(packets: list[bytes], number: int, position: int, flags: int) -> bytes:
    """Return an Ogg page of packets that are shorter than 255 bytes each."""
    sizes = bytes(map(len, packets))
    start = struct.pack("<4sBBqII", b"OggS", 0, flags, position, _SERIAL, number)
    rest = bytes([len(packets)]) + sizes + b"".join(packets)
    check = _crc32(start + bytes(4) + rest)
    return start + struct.pack("<I", check) + rest
