"""Data URLs, and the kinds of images and audio recognized by their first bytes."""

import binascii
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, Literal

Size = tuple[int, int]


class DataUrlError(ValueError):
    """An invalid data URL. Its message names what was found instead, in the API's words."""


def split_data_url(url: str, expected: str = "") -> tuple[str, str]:
    """Split a base64 data URL into its MIME type and its base64 text, which is not decoded.

    Args:
        url: The URL.
        expected: The prefix that the MIME type must have.

    Raises:
        DataUrlError: The URL is not a base64 data URL, or has another MIME type.
    """
    if not url.startswith("data:"):
        raise DataUrlError("a value without the 'data:' prefix")
    header, comma, text = url.removeprefix("data:").partition(",")
    mime, *options = header.split(";")
    if not comma or "base64" not in options:
        raise DataUrlError("a value without the ';base64' separator")
    if not mime.startswith(expected):
        raise DataUrlError(f"unsupported MIME type '{mime}'")
    return mime, text


def decode(text: str) -> bytes:
    """Decode base64 text.

    Raises:
        DataUrlError: The text is empty or not base64.
    """
    if not text:
        raise DataUrlError("empty base64-encoded bytes")
    # Piece by piece, as a large one would keep other threads waiting. Padding is allowed at the end only.
    pieces = [text[at : at + _PIECE] for at in range(0, len(text), _PIECE)]
    try:
        found = [b64decode(piece, validate=True) for piece in pieces]
    except (binascii.Error, ValueError):
        found = []
    if not found or any(piece.endswith("=") for piece in pieces[:-1]):
        raise DataUrlError("an invalid base64-encoded value")
    return b"".join(found)


def decode_data_url(url: str) -> tuple[str, bytes]:
    """Return the MIME type and the bytes of a data URL.

    Raises:
        DataUrlError: The URL is not a base64 data URL, or its base64 is empty or invalid.
    """
    mime, text = split_data_url(url)
    return mime, decode(text)


def image_size(data: bytes) -> Size | None:
    """Return the width and height in pixels of a png, jpeg, gif or webp image, or None if they cannot be read."""
    kind = image_kind(data)
    return _SIZES[kind](data) if kind else None


def is_broken_png(data: bytes) -> bool:
    """Return True for a png that cannot be decoded; other formats are not decoded.

    A png without any picture data, as tests make them, passes.
    """
    if image_kind(data) != "png":
        return False
    packed = b"".join(body for name, body in _png_chunks(data) if name == b"IDAT")
    try:
        return bool(packed) and not zlib.decompressobj().decompress(packed, _ENOUGH)
    except zlib.error:
        return True


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the names and contents of a png's chunks, as far as they are whole."""
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def image_kind(data: bytes) -> str | None:
    """Recognize `png`, `jpeg`, `gif` or `webp` by the first bytes, or return None."""
    if data[8:12] == b"WEBP" and data.startswith(b"RIFF"):
        return "webp"
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), None)


def is_audio(data: bytes) -> bool:
    """Return whether the first bytes are those of wav or mp3 (rules#media)."""
    if data.startswith(b"RIFF"):
        return data[8:12] == b"WAVE"
    return data.startswith(b"ID3") or (len(data) > 1 and data[0] == _SYNC and data[1] & _SYNC_BITS == _SYNC_BITS)


_PIECE: Final = 1 << 20
"""The characters of base64 that are decoded in one step; a multiple of four."""

_ENOUGH: Final = 1 << 24
"""As many bytes of a picture are unpacked to see whether they can be."""

_SYNC: Final = 0xFF
_SYNC_BITS: Final = 0xE0

_STARTS: Final = MappingProxyType(
    {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF87a": "gif", b"GIF89a": "gif"},
)


def _numbers(data: bytes, start: int, width: int, order: Literal["big", "little"]) -> Size | None:
    """Read two numbers of `width` bytes each, or return None if the data ends before them."""
    found = data[start : start + 2 * width]
    if len(found) < 2 * width:
        return None
    return int.from_bytes(found[:width], order), int.from_bytes(found[width:], order)


def _png(data: bytes) -> Size | None:
    return _numbers(data, 16, 4, "big")


def _gif(data: bytes) -> Size | None:
    return _numbers(data, 6, 2, "little")


_MOST_SEGMENTS: Final = 10_000
"""The segments and fill bytes before a frame that are looked at; a usual jpeg has some ten."""
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


def _jpeg(data: bytes) -> Size | None:
    """Read the frame header, which follows other segments and has the height before the width."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if at + 4 > len(data) or data[at] != _SYNC:
            break
        marker = data[at + 1]
        if marker in _FRAMES:
            found = _numbers(data, at + 5, 2, "big")
            return (found[1], found[0]) if found else None
        # Segments may be preceded by fill bytes; all others give their length.
        at += 1 if marker == _SYNC else 2 + max(2, int.from_bytes(data[at + 2 : at + 4]))
    return None


def _webp(data: bytes) -> Size | None:
    layout = _WEBP.get(data[12:16])
    return layout(data) if layout else None


def _lossy(data: bytes) -> Size | None:
    found = _numbers(data, 26, 2, "little")
    return (found[0] & 0x3FFF, found[1] & 0x3FFF) if found else None


def _lossless(data: bytes) -> Size | None:
    found = _numbers(data, 21, 2, "little")
    return ((found[0] & 0x3FFF) + 1, (found[0] >> 14 | found[1] << 2 & 0x3FFC) + 1) if found else None


def _extended(data: bytes) -> Size | None:
    found = _numbers(data, 24, 3, "little")
    return (found[0] + 1, found[1] + 1) if found else None


_WEBP: Final[Mapping[bytes, Callable[[bytes], Size | None]]] = MappingProxyType(
    {b"VP8 ": _lossy, b"VP8L": _lossless, b"VP8X": _extended},
)
_SIZES: Final[Mapping[str, Callable[[bytes], Size | None]]] = MappingProxyType(
    {"png": _png, "jpeg": _jpeg, "gif": _gif, "webp": _webp},
)


def media_type(url: object) -> str | None:
    """Return the MIME type that a data URL names, without its parameters; None: it is no data URL."""
    if not isinstance(url, str) or not url.startswith("data:"):
        return None
    return url.removeprefix("data:").partition(",")[0].partition(";")[0].strip().lower()
