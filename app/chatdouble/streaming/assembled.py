"""Answers read back from their bytes: a body, or a stream of any API."""

import zlib
from typing import Any, Final, cast

from chatdouble.core.head import is_event_stream
from chatdouble.core.json import as_object, is_object, json_body
from chatdouble.core.sse import DONE, read_frames
from chatdouble.schema.chunk import Chunk
from chatdouble.streaming.fold import fold

_LARGEST_BODY: Final = 256 * 1024
_LARGEST_STREAM: Final = 2 * 1024 * 1024
"""The bytes of the largest answers that are read back. A stream has ten times as many as what it says."""

_ANY_HEADER: Final = 47
"""The window bits by which zlib reads gzip and deflate alike."""


def most_read(content_type: str) -> int:
    """Return the bytes of the largest answer of a content type that is read back for the journal; 0: none is."""
    return _LARGEST_STREAM if is_event_stream(content_type) else _LARGEST_BODY if "json" in content_type else 0


def answer_in(body: bytes, encoding: str, most: int) -> dict[str, Any] | None:
    """Return the answer in an upstream's body, as far as it came; None: there is none that can be read.

    Args:
        body: The body as it came.
        encoding: Its content encoding; empty for none.
        most: The most bytes to read of it.
    """
    data = decoded(body, encoding, most)
    return assembled(data) if data else None


def decoded(body: bytes, encoding: str, most: int) -> bytes | None:
    """Return a body without its content encoding; None if that is another than gzip and deflate, or wrong."""
    if encoding not in ("gzip", "deflate"):
        return body if not encoding else None
    try:
        return zlib.decompressobj(_ANY_HEADER).decompress(body, most)
    except zlib.error:
        return None


def assembled(data: bytes) -> dict[str, Any] | None:
    """Return the answer in a body or an event stream, as far as it came; None: there is none that can be read.

    Chunks are folded, and of the Responses API's events the last response counts.

    Args:
        data: The bytes, without a content encoding.
    """
    whole = json_body(data)
    if whole:
        return whole
    found = (frame.data for frame in read_frames(data))
    events = [json_body(one) for one in found if one is not None and one != DONE]
    responses = [as_object(one["response"]) for one in events if is_object(one.get("response"))]
    if responses:
        return responses[-1]
    if not events or not all("choices" in one for one in events):
        return None
    try:
        return cast("dict[str, Any]", fold(cast("list[Chunk]", events)))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # an upstream may send anything
