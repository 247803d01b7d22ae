"""Notes about a relayed answer for the journal: what it says, an error's words, and whether its end has come."""

import zlib
from collections.abc import AsyncGenerator
from typing import Any, Final

from chatdouble.backend import Call, Relay
from chatdouble.core.head import RequestHeaders, seconds_of
from chatdouble.core.sse import is_event_stream
from chatdouble.http.disturbing import closing
from chatdouble.streaming.assembled import assembled

_LARGEST_ERROR: Final = 65_536
"""The bytes of the largest error that is noted."""

_LARGEST_BODY: Final = 256 * 1024
_LARGEST_STREAM: Final = 2 * 1024 * 1024
"""The bytes of the largest answers that are noted. A stream has ten times as many as what it says."""

_LONG: Final = 32 * 1024
"""The bytes of a stream that takes long enough to read for others to notice."""

_DONE: Final = b"data: [DONE]"
_LONGEST_END: Final = 64
"""The bytes at the end of a stream in which its last frame is looked for."""

_ANY_HEADER: Final = 47
"""The window bits by which zlib reads gzip and deflate alike."""


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
        call.answer = _decoded(bytes(kept), headers.get("content-encoding", ""), _LARGEST_ERROR)


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
        self._most = _LARGEST_STREAM if self._is_stream else _LARGEST_BODY if "json" in kind else 0
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
        data = _decoded(bytes(self._kept), self._encoding, self._most)
        return assembled(data) if data else None


def _decoded(body: bytes, encoding: str, most: int) -> bytes | None:
    """Return a body without its content encoding; None if that is another than gzip and deflate, or wrong."""
    if encoding not in ("gzip", "deflate"):
        return body if not encoding else None
    try:
        return zlib.decompressobj(_ANY_HEADER).decompress(body, most)
    except zlib.error:
        return None
