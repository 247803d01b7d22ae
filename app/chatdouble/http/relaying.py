"""An upstream's bytes as pieces of an answer, and notes about them for the journal: the answer, an error's words."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any, Final

from chatdouble.backend import Call, Relay
from chatdouble.backend.delivery import Abort, Head, Pace, Timed
from chatdouble.core.errors import APIError
from chatdouble.core.head import RequestHeaders, is_event_stream, seconds_of
from chatdouble.core.sse import Reader
from chatdouble.http.disturbing import closing
from chatdouble.http.pacing import Schedule
from chatdouble.streaming.assembled import answer_in, decoded, most_read

_LARGEST_ERROR: Final = 65_536
"""The bytes of the largest error that is noted."""

_LONG: Final = 32 * 1024
"""The bytes of a stream that takes long enough to read for others to notice."""

_DONE: Final = b"data: [DONE]"
_LONGEST_END: Final = 64
"""The bytes at the end of a stream in which its last frame is looked for."""


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


async def noting_error(call: Call[Any], reply: Relay) -> AsyncGenerator[bytes]:
    """Return an error's bytes as they arrive, and note it in the call when it is whole."""
    headers = RequestHeaders(reply.headers)
    kept = bytearray()
    async with closing(reply.body):
        async for data in reply.body:
            if len(kept) <= _LARGEST_ERROR:
                kept += data
            yield data
    call.notes.retry_after = seconds_of(headers.get("retry-after"))
    call.notes.is_final = headers.get("x-should-retry") == "false" or None
    if len(kept) <= _LARGEST_ERROR:
        call.answer = decoded(bytes(kept), headers.get("content-encoding", ""), _LARGEST_ERROR)


class Overheard:
    """An answer that is kept on its way to the client, for the journal.

    Args:
        call: The call, which gets the answer.
        reply: The answer. One that is neither JSON nor a stream is not kept, nor one that is too large.
    """

    def __init__(self, call: Call[Any], reply: Relay) -> None:
        headers = RequestHeaders(reply.headers)
        kind: str = headers.get("content-type", "")
        self._call = call
        self._body = reply.body
        self._encoding: str = headers.get("content-encoding", "")
        self._is_stream = is_event_stream(kind)
        self._most = most_read(kind)
        self._kept = bytearray()
        self._end = b""

    async def body(self) -> AsyncGenerator[bytes]:
        """Return the answer's bytes as they arrive; note when a stream's last frame comes and has been sent."""
        delivery, is_stream = self._call.delivery, self._is_stream
        async with closing(self._body):
            async for data in self._body:
                if len(self._kept) <= self._most:
                    self._kept += data
                if is_stream:
                    self._end = (self._end + data)[-_LONGEST_END:]
                    delivery.at_end = _DONE in self._end
                yield data
                delivery.over = delivery.at_end

    async def note(self) -> None:
        """Note the answer in the call, as far as it came."""
        if len(self._kept) > self._most or self._call.answer is not None:
            return
        if len(self._kept) <= _LONG:
            self._call.answer = self._answer()
        else:
            self._call.answer = await self._call.in_thread(self._answer)

    def _answer(self) -> dict[str, Any] | None:
        return answer_in(bytes(self._kept), self._encoding, self._most)
