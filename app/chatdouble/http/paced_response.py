"""A response whose pieces are sent when they are due, in as few writes as possible."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from typing import TYPE_CHECKING, Final, Literal

from starlette.types import Receive, Send

from chatdouble.backend.delivery import Abort, Connection, Head, Timed
from chatdouble.backend.notes import Writes
from chatdouble.core.histogram import Histogram
from chatdouble.http.pacing import DuePieces
from chatdouble.http.shutdown import Shutdown

if TYPE_CHECKING:
    from anyio import CancelScope

EVENTS: Final = b"text/event-stream; charset=utf-8"
"""The content type of a stream (streams#framing)."""

Ended = Literal["completed", "client left", "cut"]
Pieces = Iterator[Timed] | AsyncGenerator[Timed]


class HangupError(Exception):
    """The connection has to be closed, and the server offers no way to do so other than an exception."""


class PacedResponse:
    """Server-sent events, or any body, whose pieces have due times. Nothing else is sent.

    The head is sent with the first piece, so an exception before it can still become another response. Due times
    count from `started`, so delays never add up. The client is watched from when the response first has to wait. The
    pieces are closed in every case.

    Pieces that exist already are written by timers where the server offers the request's connection, because waking
    a task takes as long as the write.

    Args:
        head: The response's head.
        pieces: The pieces and when they are due.
        started: When the request came, by the event loop's clock, in seconds.
        shutdown: Ends it when the server stops; None: nothing does.
        writes: Takes each write with its time, in seconds since the request came; None: nothing does.
        late: Counts how late pieces are that had to wait; None: nothing does.

    Attributes:
        begun: Whether the head has been sent.
        ended: How it ended.
        size: Bytes of body sent.
        first: When the first of them were, in seconds since the request came.
    """

    def __init__(
        self,
        head: Head,
        pieces: Pieces,
        started: float,
        shutdown: Shutdown | None = None,
        writes: Writes | None = None,
        late: Histogram | None = None,
    ) -> None:
        self._head = head
        self.ended: Ended = "completed"
        self.size = 0
        self.first = 0.0
        self._pieces = pieces
        self._started = started
        self._shutdown = shutdown
        self._writes = writes
        self._late = late
        self._leash: CancelScope | asyncio.Task[object] | None = None
        self._cancelled = False
        self._waits = False
        self._watcher: asyncio.Task[None] | None = None
        self.begun = False

    async def __call__(self, connection: Connection | None, receive: Receive, send: Send) -> None:
        """Send the response.

        Raises:
            HangupError: It was cut, and the server offers no connection.
            Exception: Anything that the pieces raise.
        """
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        pieces = self._pieces
        ending: Abort | None = Abort.HANGUP
        try:
            ending = await (self._ready(DuePieces(pieces)) if isinstance(pieces, Iterator) else self._coming(pieces))
        except OSError:
            self.ended = "client left"
        finally:
            self._let_go()
            self._leash = None  # a task refers to this object
        if ending and self.ended != "client left":
            self.ended = "cut"
            _cut(self._connection, ending)

    async def _ready(self, pieces: DuePieces) -> Abort | None:
        """Send pieces that exist already; return how they end, None if they are whole."""
        self._leash = task = asyncio.current_task(self._loop)
        try:
            while pieces.more:
                body = await self._due(pieces)
                if isinstance(body, Abort):
                    return await self._end(body)
                if not pieces.more:
                    self._let_go()
                await self._write(body, more=pieces.more)
                del body  # frees the piece while the next one is awaited
        except asyncio.CancelledError:
            if (
                task is None or not self._cancelled or task.uncancel()
            ):  # cancelled from elsewhere, or from elsewhere too
                raise
            return Abort.HANGUP
        return None

    async def _due(self, pieces: DuePieces) -> bytes | Abort:
        """Wait for the next piece the timer could not write: the last one, or one for a slow client."""
        loop, now = self._loop, self._elapsed()
        if pieces.due <= now:
            return pieces.take(now)
        self._wait()
        waiting: asyncio.Future[bytes | Abort] = loop.create_future()
        self._set(pieces, waiting)
        try:
            return await waiting
        finally:
            self._timer.cancel()

    def _elapsed(self) -> float:
        """Return the seconds since the request arrived, not below 0: uvloop's time may lag behind the steady clock."""
        return max(self._loop.time() - self._started, 0.0)

    def _tick(self, pieces: DuePieces, waiting: "asyncio.Future[bytes | Abort]") -> None:
        """Write what is due and set the next timer, or hand the piece to the task that waits."""
        if waiting.done():
            return
        self._note_lateness(pieces.due)
        try:
            body = pieces.take(max(pieces.due, self._loop.time() - self._started))
            written = pieces.more and isinstance(body, bytes) and self._written(body)
        except Exception as error:  # noqa: BLE001 - it is raised where the pieces are waited for
            waiting.set_exception(error)
            return
        if written:
            self._set(pieces, waiting)
        else:
            waiting.set_result(body)

    def _set(self, pieces: DuePieces, waiting: "asyncio.Future[bytes | Abort]") -> None:
        """Set a timer for the next piece."""
        at = self._connection.at if self._connection else self._loop.call_at
        self._timer = at(self._started + pieces.due, self._tick, pieces, waiting)

    def _written(self, body: bytes) -> bool:
        """Write a piece of the body directly if the connection takes it; return whether it did."""
        if self._connection is None or not self._connection.write(body):
            return False
        self._count(body)
        return True

    async def _coming(self, pieces: AsyncGenerator[Timed]) -> Abort | None:
        """Send pieces as they arrive; return how they end, None if they are whole."""
        from anyio import CancelScope  # noqa: PLC0415 - for answers that come in pieces

        try:
            with CancelScope() as self._leash:
                self._wait()
                async for due, piece in pieces:
                    if due > self._elapsed():
                        await _at(self._started + due, self._loop)
                        self._note_lateness(due)
                    if isinstance(piece, Abort):
                        return await self._end(piece)
                    await self._write(piece, more=True)
                self._let_go()
                await self._write(b"", more=False)
                return None
            return Abort.HANGUP
        finally:
            self._let_go()
            with CancelScope(shield=True):
                await pieces.aclose()

    async def _end(self, ending: Abort) -> Abort:
        """Return how the response ends. A stall waits until it is cancelled."""
        if ending is Abort.STALL:
            self._wait()
            if self._shutdown:
                self._shutdown.stall(self)
            await self._loop.create_future()
        return ending

    async def _write(self, body: bytes, *, more: bool) -> None:
        """Send a piece of the body, preceded by the head if it is the first."""
        if not self.begun:
            self.begun = True
            await self._send(
                {"type": "http.response.start", "status": self._head.status, "headers": [*self._head.headers]}
            )
        self._count(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _count(self, body: bytes) -> None:
        at = self._now()
        if not self.size:
            self.first = at
        self.size += len(body)
        if self._writes is not None and body:
            self._writes.add(at, body)

    def _note_lateness(self, due: float) -> None:
        if self._late is not None:
            self._late.observe(max(self._now() - due, 0.0))

    def _now(self) -> float:
        """Return the seconds since the request arrived, not of the loop's clock, which stands still during a turn."""
        return time.monotonic() - self._started

    def _wait(self) -> None:
        """From now on, end the response when the client leaves or the server stops."""
        if self._waits:
            return
        self._waits = True
        if self._connection:
            self._connection.watch(self._left)
        else:
            self._watcher = asyncio.create_task(self._watch())
        if self._shutdown:
            self._shutdown.enter(self)

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left()

    def _left(self) -> None:
        self.ended = "client left"
        self.cancel()

    def cancel(self) -> None:
        """End the response, which waits."""
        if self._leash and not self._cancelled:
            self._cancelled = True
            self._leash.cancel()

    def _let_go(self) -> None:
        if not self._waits:
            return
        self._waits = False
        if self._connection:
            self._connection.watch(None)
        # A cancelled task keeps its frame, which refers to this object: a reference cycle.
        watcher, self._watcher = self._watcher, None
        if watcher:
            watcher.cancel()
        if self._shutdown:
            self._shutdown.leave(self)


async def _at(time: float, loop: asyncio.AbstractEventLoop) -> None:
    """Wait until a time of the event loop."""
    waiting = loop.create_future()
    timer = loop.call_at(time, _wake, waiting)
    try:
        await waiting
    finally:
        timer.cancel()


def _wake(waiting: "asyncio.Future[None]") -> None:
    if not waiting.done():
        waiting.set_result(None)


def _cut(connection: Connection | None, ending: Abort) -> None:
    """Close or reset the request's connection."""
    if connection is None:
        raise HangupError("the answer was to be cut here")
    if ending is Abort.HANGUP:
        connection.hang_up()
    else:
        connection.reset()
