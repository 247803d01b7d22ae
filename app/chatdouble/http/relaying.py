"""An upstream's bytes as pieces of an answer."""

from collections.abc import AsyncGenerator, AsyncIterator

from chatdouble.backend.delivery import Abort, Head, Pace, Timed
from chatdouble.core.errors import APIError
from chatdouble.core.sse import Reader, is_event_stream
from chatdouble.http.disturbing import closing
from chatdouble.http.pacing import Schedule


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


def repaced(pieces: AsyncGenerator[Timed], pace: Pace | None) -> AsyncGenerator[Timed]:
    """Return pieces with the due times of a pace; None leaves them as they are."""
    return pieces if pace is None else _scheduled(pieces, Schedule(pace))


async def _scheduled(pieces: AsyncGenerator[Timed], schedule: Schedule) -> AsyncGenerator[Timed]:
    async with closing(pieces):
        async for _, piece in pieces:
            yield schedule.due if isinstance(piece, Abort) else schedule.following(), piece
