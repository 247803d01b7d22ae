"""A picture of a size, which stands for one that a model would draw."""

import base64
import struct
import zlib
from functools import lru_cache
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LARGEST: Final = 4096


@lru_cache(maxsize=16)
def picture(size: str) -> str:
    """Return a white PNG in base64.

    Args:
        size: Width and height, such as `1024x1536`; what is no size is taken as one pixel.
    """
    width, height = (_length(part) for part in (*size.split("x"), "")[:2])
    # One bit for each pixel, and a byte before each row that tells how it is filtered: not at all.
    rows = (b"\0" + b"\xff" * ((width + 7) // 8)) * height
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return base64.b64encode(_SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)).decode()


def _length(text: str) -> int:
    return min(int(text), _LARGEST) if text.isascii() and text.isdigit() and int(text) else 1


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
