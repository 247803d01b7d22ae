"""An upstream's bytes as pieces of an answer."""

import zlib
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

from chatdouble.backend import Call, Relay
from chatdouble.backend.delivery import Abort, Head, Pace, Timed
from chatdouble.core.errors import APIError
from chatdouble.core.headers import RequestHeaders, seconds_of
from chatdouble.core.sse import Reader, is_event_stream
from chatdouble.http.disturbing import closing
from chatdouble.http.pacing import Schedule

_LARGEST_NOTED: Final = 65_536
"""The bytes of the largest error that is noted."""

_DONE: Final = b"data: [DONE]"
_LONGEST_END: Final = 64
"""The bytes at the end of a stream in which its last frame is looked for."""

_ANY_HEADER: Final = 47
"""The window bits by which zlib reads gzip and deflate alike."""


def is_stream(head: Head) -> bool:
    """Tell whether a response is a stream of server-sent events."""
    return any(name == b"content-type" and is_event_stream(value.decode("latin-1")) for name, value in head.headers)


async def relayed(body: AsyncIterator[bytes]) -> AsyncGenerator[Timed]:
    """Return the bytes as they arrive; if the upstream fails halfway, the client's connection closes too.

    Raises:
        APIError: The upstream failed before its first byte.
    """
    begun = False
    async with closing(body):
        try:
            async for data in body:
                begun = True
                yield 0.0, data
        except APIError:
            if not begun:
                raise
            yield 0.0, Abort.HANGUP


async def relayed_frames(body: AsyncIterator[bytes]) -> AsyncGenerator[Timed]:
    """Return a stream's bytes frame by frame, each with its blank line, as faults need them."""
    reader = Reader()
    pieces = relayed(body)
    async with closing(pieces):
        async for due, data in pieces:
            if isinstance(data, Abort):
                # One piece even if it is empty, so that the head leaves before the connection closes.
                yield due, b"".join(frame.raw for frame in reader.finish())
                yield due, data
                return
            for frame in reader.feed(data):
                yield due, frame.raw
    for frame in reader.finish():
        yield 0.0, frame.raw


async def relayed_whole(body: AsyncIterator[bytes]) -> AsyncGenerator[Timed]:
    """Return a body's bytes as one piece, as faults need them."""
    gathered = bytearray()
    pieces = relayed(body)
    async with closing(pieces):
        async for due, data in pieces:
            if isinstance(data, Abort):
                yield due, bytes(gathered)
                yield due, data
                return
            gathered += data
    yield 0.0, bytes(gathered)


async def noting_error(call: Call[Any], reply: Relay) -> AsyncGenerator[bytes]:
    """Return an error's bytes as they arrive, and note it in the call when it is whole."""
    headers = RequestHeaders(reply.headers)
    kept = bytearray()
    async with closing(reply.body):
        async for data in reply.body:
            if len(kept) <= _LARGEST_NOTED:
                kept += data
            yield data
    call.notes.retry_after = seconds_of(headers.get("retry-after"))
    call.notes.is_final = headers.get("x-should-retry") == "false" or None
    if len(kept) <= _LARGEST_NOTED:
        call.answer = _decoded(bytes(kept), headers.get("content-encoding", ""))


async def noting_end(call: Call[Any], body: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Return a stream's bytes as they arrive, and note in the delivery when its last frame comes and has been sent."""
    end = b""
    async with closing(body):
        async for data in body:
            end = (end + data)[-_LONGEST_END:]
            call.delivery.at_end = _DONE in end
            yield data
            call.delivery.over = call.delivery.at_end


def _decoded(body: bytes, encoding: str) -> bytes | None:
    """Return a body without its content encoding; None if that is another than gzip and deflate, or wrong."""
    if encoding not in ("gzip", "deflate"):
        return body if not encoding else None
    try:
        return zlib.decompressobj(_ANY_HEADER).decompress(body, _LARGEST_NOTED)
    except zlib.error:
        return None


def repaced(pieces: AsyncGenerator[Timed], pace: Pace | None) -> AsyncGenerator[Timed]:
    """Return pieces with the due times of a pace; None leaves them as they are."""
    return pieces if pace is None else _scheduled(pieces, Schedule(pace))


async def _scheduled(pieces: AsyncGenerator[Timed], schedule: Schedule) -> AsyncGenerator[Timed]:
    async with closing(pieces):
        async for _, piece in pieces:
            yield schedule.due if isinstance(piece, Abort) else schedule.following(), piece
