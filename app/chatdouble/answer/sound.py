"""Encoders of audio: beeps as PCM and WAV, and silence as FLAC, MP3, AAC and Opus."""

import io
import math
import struct
import wave
from collections.abc import Callable, Mapping
from functools import cache
from hashlib import md5
from typing import Final

RATE: Final = 24_000
"""Samples per second, of 16 bits and one channel (requests#audio)."""

_PITCH: Final = 220
_LOUDNESS: Final = 3_000
_SOUNDING: Final = 0.8


def pcm16(seconds: float) -> bytes:
    """Return raw little-endian samples with a soft beep every quarter of a second."""
    beep = _beep()
    whole, rest = divmod(2 * round(seconds * RATE), len(beep))
    return b"".join([*[beep] * whole, beep[:rest]])  # which lets other threads run


def wav(seconds: float) -> bytes:
    """Return a WAV file with the samples of `pcm16`."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm16(seconds))
    return buffer.getvalue()


@cache
def _beep() -> bytes:
    """Return the samples of a quarter of a second: a tone that swells and fades, then a pause."""
    length = RATE // 4
    sounding = int(length * _SOUNDING)
    tone = [
        round(_LOUDNESS * math.sin(math.pi * at / sounding) * math.sin(2 * math.pi * _PITCH * at / RATE))
        for at in range(sounding)
    ]
    return struct.pack(f"<{length}h", *tone, *[0] * (length - sounding))


def crc(polynomial: int, width: int) -> Callable[[bytes], int]:
    """Return the checksum function of a polynomial of `width` bits."""
    mask, shift = (1 << width) - 1, width - 8

    def checksum(data: bytes) -> int:
        table, value = _table(polynomial, width), 0
        for byte in data:
            value = (value << 8 & mask) ^ table[value >> shift ^ byte]
        return value

    return checksum


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
    """Return silence as a FLAC file of 24 kHz, 16 bits and one channel."""
    samples = round(seconds * RATE)
    blocks = range(0, samples, _BLOCK)
    frames = b"".join(_frame(start // _BLOCK, min(_BLOCK, samples - start)) for start in blocks)
    return b"fLaC" + _stream_info(samples) + frames


def _stream_info(samples: int) -> bytes:
    """Return the only metadata block, which is marked as the last."""
    shape = RATE << 44 | 0 << 41 | 15 << 36 | samples
    block = _BLOCK.to_bytes(2) * 2 + bytes(6) + shape.to_bytes(8)
    signature = md5(bytes(2 * samples), usedforsecurity=False).digest()
    return b"\x80" + (34).to_bytes(3) + block + signature


def _frame(number: int, samples: int) -> bytes:
    """Return a block: a header with its number and size, a constant of 0, and checksums."""
    header = b"\xff\xf8\x77\x08" + chr(number).encode("utf-8", "surrogatepass") + (samples - 1).to_bytes(2)
    frame = header + _crc8(header).to_bytes(1) + _CONSTANT_ZERO
    return frame + _crc16(frame).to_bytes(2)


# MPEG-2 layer III at 32 kbit/s and 24 kHz with one channel: a header and empty side information.
_MP3_FRAME: Final = bytes.fromhex("fff344c4").ljust(96, b"\0")

_MP3_SAMPLES: Final = 576

# An ADTS header for AAC-LC at 24 kHz with one channel, and an element without bands.
_AAC_FRAME: Final = bytes.fromhex("fff15840017ffc") + bytes.fromhex("00000007")

_AAC_SAMPLES: Final = 1024


def mp3(seconds: float) -> bytes:
    """Return silence as an MP3 file, rounded up to whole frames."""
    return _MP3_FRAME * math.ceil(seconds * RATE / _MP3_SAMPLES)


def aac(seconds: float) -> bytes:
    """Return silence as AAC in ADTS, rounded up to whole frames."""
    return _AAC_FRAME * math.ceil(seconds * RATE / _AAC_SAMPLES)


# Twenty milliseconds of full-band silence.
_SILENT_PACKET: Final = b"\xf8\xff\xfe"

_PACKET_SAMPLES: Final = 960
_CLOCK: Final = 48_000
_PRESKIP: Final = 312
_PACKETS_A_PAGE: Final = 50
_SERIAL: Final = 1
_FIRST: Final = 2
_LAST: Final = 4

_crc32 = crc(0x04C11DB7, 32)


def opus(seconds: float) -> bytes:
    """Return silence as an Ogg Opus file with one channel."""
    samples = round(seconds * _CLOCK) + _PRESKIP
    packets = max(math.ceil(samples / _PACKET_SAMPLES), 1)
    head = struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, _PRESKIP, RATE, 0, 0)
    tags = struct.pack("<8sI10sI", b"OpusTags", 10, b"chatdouble", 0)
    pages = [_page([head], 0, 0, _FIRST), _page([tags], 1, 0, 0)]
    for start in range(0, packets, _PACKETS_A_PAGE):
        end = min(start + _PACKETS_A_PAGE, packets)
        is_last = end == packets
        position = samples if is_last else end * _PACKET_SAMPLES
        pages.append(_page([_SILENT_PACKET] * (end - start), len(pages), position, _LAST if is_last else 0))
    return b"".join(pages)


def _page(packets: list[bytes], number: int, position: int, flags: int) -> bytes:
    """Return an Ogg page of packets that are shorter than 255 bytes each."""
    sizes = bytes(map(len, packets))
    start = struct.pack("<4sBBqII", b"OggS", 0, flags, position, _SERIAL, number)
    rest = bytes([len(packets)]) + sizes + b"".join(packets)
    return start + struct.pack("<I", _crc32(start + bytes(4) + rest)) + rest


FORMATS: Final[Mapping[str, Callable[[float], bytes]]] = {
    "wav": wav,
    "mp3": mp3,
    "flac": flac,
    "opus": opus,
    "aac": aac,
    "pcm16": pcm16,
}
"""The encoders of the formats, each for a length in seconds (requests#audio)."""
