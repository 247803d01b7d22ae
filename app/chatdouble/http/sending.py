"""The one place where what backends return meets what clients ask for."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, repeat
from typing import Any, Final, cast

from chatdouble.backend import Call, Relay, Reply
from chatdouble.backend.delivery import Head, Pace, Pairs, Timed
from chatdouble.core.errors import APIError
from chatdouble.core.headers import merged
from chatdouble.http.bodies import JSON, completion_body
from chatdouble.http.connection import Channel
from chatdouble.http.disturbing import closing, disturbed, disturbed_head
from chatdouble.http.paced_response import EVENTS, Ended, PacedResponse, Pieces
from chatdouble.http.pacing import Schedule
from chatdouble.http.relaying import is_stream, relayed, relayed_frames, relayed_whole, repaced
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion
from chatdouble.streaming.fold import Folding
from chatdouble.streaming.frames import DONE, Framer, failure, frames_of, writes_of
from chatdouble.streaming.slice import slices

_OK: Final = 200


@dataclass(slots=True)
class Outcome:
    """What came of sending a reply.

    Attributes:
        status: The HTTP status.
        ended: How it ended.
        size: Bytes of body sent.
        answer: The answer as a whole; of chunks, as far as they came; None for a relay.
        sent: The answer as it was sent, where that was at once and as a whole.
    """

    status: int
    ended: Ended
    size: int
    answer: dict[str, Any] | None = None
    sent: bytes = b""


def send_reply(reply: Reply, call: Call, channel: Channel, headers: Pairs) -> Awaitable[Outcome]:
    """Send a backend's reply as the client wants it: a whole body or a stream.

    The head leaves with the first piece, so until then an error still chooses the status. Pace and faults of
    `call.delivery` are honoured; a relay keeps its upstream's own pace unless it is `paced`. What the backend
    returned is closed in every case, also when the client leaves.

    Args:
        reply: What the backend returned.
        call: The call it answers.
        channel: The way to the client.
        headers: The response headers, content type and length aside; those of `call.delivery` are added here.

    Raises:
        APIError: The API says no, and nothing has been sent yet.
        HangupError: The answer was to be cut, and the server has no extension for that.
    """
    sending = _Sending(call, channel, headers)
    if isinstance(reply, dict):
        return (sending.slice_completion if call.request.stream else sending.whole_completion)(reply)
    if isinstance(reply, Relay):
        return sending.relay(reply)
    return (sending.stream_chunks if call.request.stream else sending.fold_chunks)(reply)


@dataclass(slots=True)
class _Sending:
    """One reply on its way."""

    call: Call
    channel: Channel
    headers: Pairs

    async def whole_completion(self, completion: Completion) -> Outcome:
        """Send a whole answer as a body."""
        body = completion_body(completion)
        delivery, answer = self.call.delivery, cast("dict[str, Any]", completion)
        if delivery.pace or delivery.faults:
            pieces = iter([(_last_due(completion, self.call), body)])
            return await self._send(self._head(JSON), self._faulty(pieces, stream=False), answer)
        headers = self._headers(JSON)
        headers.append((b"content-length", b"%d" % len(body)))
        await self.channel.send({"type": "http.response.start", "status": _OK, "headers": headers})
        await self.channel.send({"type": "http.response.body", "body": body, "more_body": False})
        return Outcome(_OK, "completed", len(body), answer, body)

    async def slice_completion(self, completion: Completion) -> Outcome:
        """Send a whole answer as a stream."""
        delivery, answer = self.call.delivery, cast("dict[str, Any]", completion)
        if delivery.pace or delivery.faults:
            pieces = _timed(frames_of(completion, self.call), delivery.pace)
            return await self._send(self._head(EVENTS), self._faulty(pieces, stream=True), answer)
        try:
            size = await self._send_at_once(self._headers(EVENTS), writes_of(completion, self.call))
        except OSError:  # what servers may raise whose client is gone (ASGI 2.4)
            return Outcome(_OK, "client left", 0, answer)
        return Outcome(_OK, "completed", size, answer)

    async def stream_chunks(self, chunks: AsyncIterator[Chunk]) -> Outcome:
        """Send chunks as a stream as they come."""
        folding = Folding()
        pieces = _framed(chunks, self.call, folding)
        outcome = await self._send(self._head(EVENTS), self._faulty(pieces, stream=True))
        return Outcome(outcome.status, outcome.ended, outcome.size, _so_far(folding))

    async def fold_chunks(self, chunks: AsyncIterator[Chunk]) -> Outcome:
        """Send chunks as a body when all have come."""
        folding = Folding()
        pieces = _folded(chunks, self.call, folding)
        outcome = await self._send(self._head(JSON), self._faulty(pieces, stream=False))
        return Outcome(outcome.status, outcome.ended, outcome.size, _so_far(folding))

    async def relay(self, reply: Relay) -> Outcome:
        """Send an upstream's answer untouched, unless faults are to touch it; one that is replayed has its pace."""
        head = Head(reply.status, tuple(reply.headers))
        pace = self.call.delivery.pace if reply.paced else None
        if not self.call.delivery.faults:
            return await self._send(head, repaced(relayed(reply.body), pace))
        stream = is_stream(head)
        pieces = repaced(relayed_frames(reply.body) if stream else relayed_whole(reply.body), pace)
        unsized = Head(head.status, tuple(held for held in head.headers if held[0] != b"content-length"))
        return await self._send(unsized, self._faulty(pieces, stream=stream))

    async def _send_at_once(self, headers: Pairs, pieces: Iterator[bytes]) -> int:
        """Send what nothing holds up, at least one piece; return its bytes."""
        send, body, size = self.channel.send, next(pieces), 0
        await send({"type": "http.response.start", "status": _OK, "headers": headers})
        for following in pieces:
            size += len(body)
            await send({"type": "http.response.body", "body": body, "more_body": True})
            body = following
        await send({"type": "http.response.body", "body": body, "more_body": False})
        return size + len(body)

    async def _send(self, head: Head, pieces: Pieces, answer: dict[str, Any] | None = None) -> Outcome:
        channel = self.channel
        head = disturbed_head(head, self.call.delivery.faults)
        response = PacedResponse(head, pieces, channel.started, channel.shutdown)
        await response(channel.scope, channel.receive, channel.send)
        return Outcome(head.status, response.ended, response.size, answer)

    def _head(self, content_type: bytes) -> Head:
        return Head(_OK, tuple(self._headers(content_type)))

    def _headers(self, content_type: bytes) -> Pairs:
        delivery = self.call.delivery
        headers = [(b"content-type", content_type), *self.headers, *delivery.rate_limits]
        return merged(headers, delivery.headers) if delivery.headers else headers

    def _faulty(self, pieces: Pieces, *, stream: bool) -> Pieces:
        faults = self.call.delivery.faults
        ways = [fault.on_frames if stream else fault.on_body for fault in faults]
        return disturbed(pieces, ways, self.channel.elapsed)


def _timed(frames: Iterable[bytes], pace: Pace | None) -> Iterator[Timed]:
    if pace is None:
        return zip(repeat(0.0), frames)
    return _scheduled(frames, accumulate(pace.offsets(), max))


def _scheduled(frames: Iterable[bytes], times: Iterator[float]) -> Iterator[Timed]:
    """Return frames and when they are due; when the times end, and for `[DONE]`, the last one holds."""
    due = 0.0
    for frame in frames:
        if frame != DONE:
            due = next(times, due)
        yield due, frame


async def _framed(chunks: AsyncIterator[Chunk], call: Call, folding: Folding) -> AsyncGenerator[Timed]:
    """Return chunks as frames; an error after the first becomes the stream's end (streams#errors)."""
    framer, schedule, last = Framer(call), Schedule(call.delivery.pace), None
    async with closing(chunks):
        try:
            async for last in chunks:
                folding.add(last)
                yield schedule.following(), framer.frame(last)
        except APIError as error:
            if last is None:
                raise
            call.notes["error"] = error.envelope()["error"]
            for frame in failure(error, last, framer, call):
                yield schedule.due, frame
            return
    if last is None:
        raise _nothing_came()
    yield schedule.due, DONE


async def _folded(chunks: AsyncIterator[Chunk], call: Call, folding: Folding) -> AsyncGenerator[Timed]:
    async with closing(chunks):
        async for chunk in chunks:
            folding.add(chunk)
    if not folding:
        raise _nothing_came()
    completion = folding.completion()
    yield _last_due(completion, call), completion_body(completion)


def _last_due(completion: Completion, call: Call) -> float:
    """Return when a whole answer is due: with its last token's chunk."""
    schedule = Schedule(call.delivery.pace)
    if call.delivery.pace:
        for chunk in slices(completion, call):
            if any(choice["delta"] for choice in chunk["choices"]):
                schedule.following()
    return schedule.due


def _so_far(folding: Folding) -> dict[str, Any] | None:
    return cast("dict[str, Any]", folding.completion()) if folding else None


def _nothing_came() -> APIError:
    """Return the API's no for a backend that streamed nothing."""
    message = "The server had an error while processing your request. Sorry about that!"
    return APIError(message, status=500, type="server_error")
