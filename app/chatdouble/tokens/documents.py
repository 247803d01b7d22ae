"""PDF files in a prompt: how many pages they have, and the text that can be read off them.

The API counts a page as an image and its text as text. Only the text of simple PDFs is found here, so that both
are estimates. A file may be made to take long, so each byte is looked at a few times at most, and in steps between
which other threads get their turns.
"""

import re
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from chatdouble.core.media import DataUrlError, decode_data_url

_PAGES: Final = rb"/Type\s*/Page\b"
_STEP: Final = 256 * 1024
"""The bytes that are searched at once."""
_OVERLAP: Final = 32
"""The bytes after those of a step to which what is found there may extend."""
_MOST_BYTES: Final = 256 * 1024
"""The bytes of a stream that are read; few pages have more."""
_TIMES: Final = 8
"""The bytes of all streams, unpacked, that are read for each byte of a file."""
_LEAST_IN_ALL: Final = 32 * 1024
"""The bytes of them that are read of any file."""
_MOST_IN_ALL: Final = 1024 * 1024
"""The bytes of them that are read of a large file."""

_STRING: Final = rb"\((?>(?:[^()\\]|\\.)*)\)"  # atomic, not possessive, see `core/dense_json.py`
_ESCAPED: Final = rb"\\."
"""An escaped character, which begins no string."""
# What shows text, and what moves the place where it is shown. What only looks like it is found as well, and passed
# over, so that no bytes are looked at for each of the bytes before them.
_OPERATORS: Final = (
    rb"(?s)(?=[\[(\-\d.T\\])"
    rb"(?:(?P<shown>\[(?>(?:[^\[\]()\\]|" + _STRING + rb"|\\.)*)\]|" + _STRING + rb")\s*+(?:TJ|Tj|'|\")"
    rb"|(?P<height>[-\d.]++)(?:\s++(?P<move>cm|Tm|Td|TD)\b)?|(?P<next>T\*)|[\[(T]++|" + _ESCAPED + rb")"
)
_STRINGS: Final = rb"(?s)(" + _STRING + rb")|" + _ESCAPED
_ESCAPES: Final = rb"(?s)\\([0-7]{1,3}|.)"
_NAMED: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"", b"f": b"", b"\n": b""}


class Document(NamedTuple):
    """A file as far as it can be read.

    Attributes:
        pages: How many pages it has; one if that is unknown.
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
    return Document(max(_pages(data), 1), "".join(map(_text_of, _contents(data))).strip())


def _pages(data: bytes) -> int:
    """Count the pages."""
    page = re.compile(_PAGES)
    return sum(
        found.start() < at + _STEP
        for at in range(0, len(data), _STEP)
        for found in page.finditer(data, at, at + _STEP + _OVERLAP)
    )


def _streams(data: bytes) -> Iterator[bytes]:
    """Yield the streams as they are packed."""
    line_end, end = re.compile(rb"\r?\n"), 0
    while (word := _find(data, b"stream", end)) >= 0:
        begins = line_end.match(data, word + len(b"stream"))
        if begins is None:
            end = word + len(b"stream")
            continue
        end = _find(data, b"endstream", begins.end())
        if end < 0:
            return
        yield data[begins.end() : end].removesuffix(b"\n").removesuffix(b"\r")
        end += len(b"endstream")


def _find(data: bytes, word: bytes, start: int) -> int:
    """Return the place of a word at or after another place, or -1."""
    places = (data.find(word, at, at + _STEP + len(word) - 1) for at in range(start, len(data), _STEP))
    return next((place for place in places if place >= 0), -1)


def _contents(data: bytes) -> Iterator[bytes]:
    """Yield the streams that show text, unpacked."""
    left = min(max(_TIMES * len(data), _LEAST_IN_ALL), _MOST_IN_ALL)
    for stream in _streams(data):
        try:
            unpacked = zlib.decompressobj().decompress(stream, _MOST_BYTES)
        except zlib.error:
            unpacked = stream[:_MOST_BYTES]
        left -= len(unpacked)
        if left < 0:
            return
        if b"BT" in unpacked and b"Tf" in unpacked:
            yield unpacked


def _text_of(stream: bytes) -> str:
    """Return the text that a stream shows, a new line wherever its height changes."""
    text = ""
    now: dict[bytes, bytes] = {}
    last: dict[bytes, bytes] = {}
    for found in re.finditer(_OPERATORS, stream):
        if found["shown"] is None and found["move"] is None and found["next"] is None:
            continue
        if found["shown"] is None:
            now[found["move"] or b"T*"] = found["height"] or b"%d" % found.start()
            continue
        if last != now:
            text, last = f"{text}\n", dict(now)
        text += "".join(_string(string) for string in re.findall(_STRINGS, found["shown"]))
    return text


def _string(literal: bytes) -> str:
    return re.sub(_ESCAPES, _unescaped, literal[1:-1]).decode("latin-1")


def _unescaped(found: re.Match[bytes]) -> bytes:
    escaped: bytes = found[1]
    return bytes([int(escaped, 8) & 0xFF]) if escaped.isdigit() else _NAMED.get(escaped, escaped)
