"""The one place where what backends return meets what clients ask for."""

import time
from asyncio import sleep
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from chatdouble.backend import Answer, Call, Head, Known, Piece, Relay, Reply, Timed
from chatdouble.backend.api import Codec, Stream
from chatdouble.backend.call import LARGE
from chatdouble.backend.notes import Writes
from chatdouble.core.errors import JSON, APIError, server_error
from chatdouble.core.head import Pairs, merged
from chatdouble.core.json import is_array, loads
from chatdouble.core.releasing import release
from chatdouble.http.disturbing import closing
from chatdouble.http.paced_response import EVENTS, Pieces
from chatdouble.http.paced_sending import faulty, send_paced
from chatdouble.http.pacing import DuePieces, Schedule, look_for_end, paired, timed
from chatdouble.http.shutdown import Shutdown

_OK: Final = 200
ERRORS: Final = 400
_PIECE: Final = 256 * 1024
"""The most bytes of a body that are written at once."""
_TURN: Final = 16 * 1024
"""The bytes of a piece after which others get their turn. Many smaller ones are no more than `ROOM` together."""


@dataclass(slots=True, eq=False, repr=False)
class Sender:
    """Sends one reply as the client wants it: a whole body or a stream.

    The head leaves with the first piece, so until then an error still chooses the status. Pace and faults of
    `call.delivery` apply; a relay keeps its upstream's own pace unless it is `paced`. What the backend returned is
    closed in every case, also when the client leaves. The call gets its status, its answer and how it ended.

    Attributes:
        call: The call that is answered.
        codec: Turns its API's answers into bytes.
        headers: The response headers, content type and length aside; those of `call.delivery` are added here.
        shutdown: Ends answers when the server stops; None: nothing does.
        keep: Keeps an answer that its request wants to be retrievable later: before an answer that nothing delays
            leaves, so that its client finds it, and after any other, which may be cut; None: nothing is kept.
    """

    call: Call[Any]
    codec: Codec
    headers: Pairs
    shutdown: Shutdown | None = None
    keep: Callable[[Call[Any], Answer], Awaitable[None]] | None = None

    def send(self, reply: Reply) -> Awaitable[Answer | None]:
        """Send a reply; return the whole answer, as far as it came, or None for a relay.

        Raises:
            APIError: An error of the API, and nothing has been sent yet.
            HangupError: The answer was to be cut, and the server has no extension for that.
        """
        self.call.streams = streams = bool(self.call.request.stream)
        if isinstance(reply, dict):
            if not streams:
                return self._whole(reply)
            delivery = self.call.delivery
            is_slow = delivery.pace or delivery.faults or delivery.gates
            return self._slice_slowly(reply) if is_slow else self._slice(reply)
        if isinstance(reply, Relay):
            return send_relay(self.call, reply, self.shutdown)
        pieces: Any = reply
        return self._coming(pieces, streams=streams)

    async def _whole(self, answer: Answer) -> Answer:
        """Send a whole answer as a body."""
        call = self.call
        is_long = call.delivery.is_long or len(call.raw) > LARGE
        body = await self._encoded(answer) if is_long else self.codec.body(answer)
        if call.delivery.pace or call.delivery.faults or call.delivery.gates:
            call.answer = answer
            await self._send_paced(JSON, iter([(self._due(answer), body)]), stream=False)
            return await self._kept(answer)
        headers = [(b"content-type", JSON), *self.headers, *call.delivery.rate_limits]
        if call.delivery.headers:
            headers = merged(headers, call.delivery.headers)
        headers.append((b"content-length", b"%d" % len(body)))
        call.answer, call.result = body, answer
        if self.keep is not None:
            await self.keep(call, answer)
        if is_long:
            held: list[Any] = [answer]
            call.result = answer = _in_short(answer)
            await call.in_thread(release, held)
        pieces = (body[at : at + _PIECE] for at in range(0, len(body), _PIECE)) if len(body) > _PIECE else iter((body,))
        call.status, call.ended = _OK, "completed"
        await _send_at_once(call, _OK, headers, self._watched(pieces, len(body)) if is_long else pieces)
        return answer

    def _encoded(self, answer: Answer) -> Awaitable[bytes]:
        """Return a long answer's body, which a thread makes."""
        return self.call.in_thread(self.codec.body, answer, in_steps=True)

    async def _slice(self, answer: Answer) -> Answer:
        """Send a whole answer as a stream."""
        call = self.call
        call.answer = answer
        if call.delivery.is_long and call.is_journalled:
            call.answer = await self._encoded(answer)
        call.result = answer
        if self.keep is not None:
            await self.keep(call, answer)
        call.status, call.ended = _OK, "completed"
        writes = self.codec.writes(answer, call)
        if call.delivery.is_long:
            writes = self._watched(writes, len(call.answer) if call.is_journalled else _PIECE)
        try:
            await _send_at_once(call, _OK, self._headers(EVENTS), writes)
        except OSError:  # servers may raise it when the client is gone (ASGI 2.4)
            call.ended = "client left"
        return answer

    def _watched(self, pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
        """Return the pieces of a long answer, which is cut if its client does not read and others need the memory."""
        return self.shutdown.unread.watched(self.call, size, pieces) if self.shutdown else pieces

    async def _slice_slowly(self, answer: Answer) -> Answer:
        """Send a whole answer as a stream with a pace, faults or gates."""
        from chatdouble.streaming.slow_frames import Frames  # noqa: PLC0415 - for streams that are sent slowly

        call, delivery = self.call, self.call.delivery
        call.answer = answer
        if delivery.is_long and call.is_journalled:
            call.answer = await self._encoded(answer)
        frames = self.codec.frames(answer, call)
        pieces = timed(frames, call, self.codec)
        if delivery.faults or delivery.gates or not isinstance(frames, Frames):
            await self._send_paced(EVENTS, paired(pieces), stream=True)
            return await self._kept(answer)
        head, due = Head(_OK, tuple(self._headers(EVENTS))), DuePieces(pieces)
        sending = send_paced(call, head, due, self.shutdown, frames)
        if not frames.are_made or not self._lightened(answer):
            await sending
            return await self._kept(answer)
        del answer, frames, pieces, due, delivery, head
        await sending
        call.result = read = loads(call.answer)
        return cast("Answer", read)

    def _lightened(self, answer: Answer) -> bool:
        """Drop what making the frames took and sending them does not, as thousands of streams may be under way.

        The answer is kept as bytes, and of the request its options. Return False if more is needed afterwards.
        """
        call = self.call
        if call.original is not None or call.request.store or call.delivery.is_long:
            return False
        try:
            call.answer = bytes(memoryview(orjson.dumps(answer)))  # a copy, which is as long as the text
        except TypeError:  # it has what JSON has not, and would not be the same when it is read
            return False
        call.body = {name: value for name, value in call.body.items() if name != "messages"}
        call.delivery.rate_limits = self.headers = []
        call.delivery.pace = None
        call.request = None
        return True

    async def _coming(self, pieces: AsyncIterator[Piece], *, streams: bool) -> Answer | None:
        """Send pieces as a stream as they come, or as a body when all have come."""
        stream = self.codec.stream(self.call)
        made = self._framed(pieces, stream) if streams else self._folded(pieces, stream)
        await self._send_paced(EVENTS if streams else JSON, made, stream=streams)
        self.call.answer = answer = stream.answer()
        return None if answer is None else await self._kept(answer)

    async def _kept(self, answer: Answer) -> Answer:
        """Return an answer after it was kept."""
        self.call.result = answer
        if self.keep is not None:
            await self.keep(self.call, answer)
        return answer

    def _send_paced(self, content_type: bytes, pieces: Pieces, *, stream: bool) -> Awaitable[None]:
        head = Head(_OK, tuple(self._headers(content_type)))
        return send_paced(self.call, head, faulty(self.call, pieces, stream=stream), self.shutdown)

    def _headers(self, content_type: bytes) -> Pairs:
        delivery = self.call.delivery
        headers = [(b"content-type", content_type), *self.headers, *delivery.rate_limits]
        return merged(headers, delivery.headers) if delivery.headers else headers

    async def _framed(self, pieces: AsyncIterator[Piece], stream: Stream) -> AsyncGenerator[Timed]:
        """Return pieces as frames; an error after the first ends the stream (streams#errors)."""
        call, begun = self.call, False
        schedule = Schedule(call.delivery.pace)
        async with closing(pieces):
            try:
                async for piece in pieces:
                    begun = True
                    frame = stream.frame(piece)
                    look_for_end(frame, call, self.codec)
                    yield schedule.following(), frame
            except APIError as error:
                if not begun:
                    raise
                call.notes.error = error.envelope()["error"]
                for frame in stream.failure(error):
                    yield schedule.due, frame
                return
        if not begun:
            raise server_error()
        call.delivery.at_end = True
        yield schedule.due, self.codec.done

    async def _folded(self, pieces: AsyncIterator[Piece], stream: Stream) -> AsyncGenerator[Timed]:
        async with closing(pieces):
            async for piece in pieces:
                stream.add(piece)
        answer = stream.answer()
        if answer is None:
            raise server_error()
        yield self._due(answer), self.codec.body(answer)

    def _due(self, answer: Answer) -> float:
        """Return when a whole answer is due: with the last frame of its stream."""
        if self.call.delivery.pace is None:
            return 0.0
        schedule = Schedule(self.call.delivery.pace)
        for _ in range(self.codec.steps(answer, self.call)):
            schedule.following()
        return schedule.due


def _in_short(answer: Answer) -> Answer:
    """Return an answer without its content: it takes more than its body does, and a client may read slowly."""
    short: Any = {name: value for name, value in answer.items() if not is_array(value)}
    if "choices" in answer:
        short["choices"] = [{"finish_reason": choice["finish_reason"]} for choice in answer["choices"]]
    return cast("Answer", short)


async def _send_at_once(call: Call[Any], status: int, headers: Pairs, pieces: Iterator[bytes]) -> None:
    """Send at least one piece that nothing delays."""
    send, body = call.send, next(pieces)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for following in pieces:
        await send({"type": "http.response.body", "body": body, "more_body": True})
        if len(body) >= _TURN:
            await sleep(0)  # others want answers, however fast this client reads
        body = following
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_relay(call: Call[Any], reply: Relay, shutdown: Shutdown | None = None) -> None:
    """Send an upstream's answer untouched unless faults or gates are to touch it; a replayed one has its pace.

    Raises:
        APIError: The upstream failed before its first byte.
        HangupError: The answer was to be cut, and the server has no extension for that.
    """
    delivery, known, connection = call.delivery, reply.known, call.connection
    pace = delivery.pace if reply.paced else None
    touched = pace or delivery.faults or delivery.gates or reply.status >= ERRORS
    if known and not touched and not (connection and connection.unheard):
        await _send_known(call, reply, known)
        return
    from chatdouble.http.sending_relays import send_coming  # noqa: PLC0415 - for upstreams

    await send_coming(call, reply, pace, shutdown)


async def _send_known(call: Call[Any], reply: Relay, known: Known) -> None:
    """Send a body that nothing delays or changes, and note it as one that comes is noted."""
    call.first_written = time.monotonic() - call.started
    if call.is_journalled:
        call.answer, call.writes = known.answer, Writes()
        for piece in filter(None, known.pieces):
            call.writes.add(call.first_written, piece)
    try:
        await _send_at_once(call, reply.status, reply.headers, iter(known.pieces))
        call.ended = "completed"
    except OSError:  # as above
        call.ended, call.notes.unread = "client left", True
    call.status = reply.status
