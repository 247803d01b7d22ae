"""Silence as a FLAC file: blocks of one constant."""

from hashlib import md5
from typing import Final

from chatdouble.answer.sound.checks import crc
from chatdouble.answer.sound.pcm import RATE

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
