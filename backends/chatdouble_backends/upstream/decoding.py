"""Answers that came packed, unpacked for the recording as they arrive."""

import zlib
from typing import Protocol


class Decoder(Protocol):
    """Unpacks bytes piece by piece."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return what these bytes add to what is unpacked."""
        ...


class _Plain:
    """Bytes that were not packed."""

    def decompress(self, data: bytes, /) -> bytes:
        """Return the bytes."""
        return data


def decoder(encoding: str) -> Decoder | None:
    """Return what undoes a content encoding; None: it cannot be undone here.

    Args:
        encoding: The value of `content-encoding`; empty: none.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    # 32: the header tells gzip from zlib.
    return zlib.decompressobj(32 + zlib.MAX_WBITS) if name in ("gzip", "x-gzip", "deflate") else None
