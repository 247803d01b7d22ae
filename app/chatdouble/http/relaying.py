"""An upstream's bytes as pieces of an answer."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Final

from chatdouble.backend.delivery import Abort, Head, Pace, Timed
from chatdouble.core.errors import APIError
from chatdouble.http.disturbing import closing
from chatdouble.http.pacing import Schedule

_FRAME_END: Final = b"\n\n"


def is_stream(head: Head) -> bool:
    """Say whether a response is a stream of server-sent events."""
    return any(name == b"content-type" and b"event-stream" in value for name, value in head.headers)


async def relayed(body: AsyncIterator[bytes]) -> AsyncGenerator[Timed]:
    """Return the bytes as they arrive; an upstream that fails on the way hangs up on the client too.

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
    waiting = b""
    pieces = relayed(body)
    async with closing(pieces):
        async for due, data in pieces:
            if isinstance(data, Abort):
                yield due, waiting
                yield due, data
                return
            *frames, waiting = (waiting + data).split(_FRAME_END)
            for frame in frames:
                yield due, frame + _FRAME_END
    if waiting:
        yield 0.0, waiting


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
