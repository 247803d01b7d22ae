"""PDF files in a prompt: how many pages they have, and the text that can be read off them.

The API counts a page as an image and its text as text. Only the text of simple PDFs is found here, so that both
are estimates.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from chatdouble.core.media import DataUrlError, decode_data_url

_PAGES: Final = rb"/Type\s*/Page\b"
_STREAMS: Final = rb"(?s)stream\r?\n(.*?)\r?\nendstream"
_MOST_BYTES: Final = 1 << 20

_STRING: Final = rb"\((?:[^()\\]|\\.)*\)"
# What shows text, and what moves the place where it is shown.
_OPERATORS: Final = (
    rb"(?s)(?P<shown>\[[^\]]*\]|" + _STRING + rb")\s*(?:TJ|Tj|'|\")"
    rb"|(?P<height>[-\d.]+)\s+(?P<move>cm|Tm|Td|TD)\b|(?P<next>T\*)"
)
_ESCAPES: Final = rb"(?s)\\([0-7]{1,3}|.)"
_NAMED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"", b"f": b"", b"\n": b""}


class Document(NamedTuple):
    """A file as far as it can be read.

    Attributes:
        pages: How many pages it has; one if that cannot be told.
        text: The text on them, as far as it is found.
    """

    pages: int = 1
    text: str = ""


def document_of(file_data: Any) -> Document:
    """Return the document in a file part.

    Args:
        file_data: The part's `file_data`, a data URL; anything else is a document that cannot be read.
    """
    try:
        data = decode_data_url(file_data)[1] if isinstance(file_data, str) else b""
    except DataUrlError:
        data = b""
    return Document(max(len(re.findall(_PAGES, data)), 1), "".join(map(_text_of, _contents(data))).strip())


def _contents(data: bytes) -> Iterator[bytes]:
    """Yield the streams that show text, unpacked."""
    for found in re.finditer(_STREAMS, data):
        stream = found[1]
        try:
            stream = zlib.decompressobj().decompress(stream, _MOST_BYTES)
        except zlib.error:
            stream = stream[:_MOST_BYTES]
        if b"BT" in stream and b"Tf" in stream:
            yield stream


def _text_of(stream: bytes) -> str:
    """Return the text that a stream shows, a new line wherever its height changes."""
    text = ""
    now: dict[bytes, bytes] = {}
    last: dict[bytes, bytes] = {}
    for found in re.finditer(_OPERATORS, stream):
        if found["shown"] is None:
            now[found["move"] or b"T*"] = found["height"] or b"%d" % found.start()
            continue
        if last != now:
            text, last = f"{text}\n", dict(now)
        text += "".join(_string(string) for string in re.findall(_STRING, found["shown"], re.DOTALL))
    return text


def _string(literal: bytes) -> str:
    return re.sub(_ESCAPES, _unescaped, literal[1:-1]).decode("latin-1")


def _unescaped(found: re.Match[bytes]) -> bytes:
    escaped: bytes = found[1]
    return bytes([int(escaped, 8) & 0xFF]) if escaped.isdigit() else _NAMED.get(escaped, escaped)
