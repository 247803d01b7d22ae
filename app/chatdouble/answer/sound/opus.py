"""Silence as an Ogg Opus file: packets that say there is nothing to hear."""

import math
import struct
from typing import Final

from chatdouble.answer.sound.checks import crc
from chatdouble.answer.sound.pcm import RATE

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
