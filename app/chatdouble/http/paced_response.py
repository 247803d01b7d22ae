"""A response whose pieces leave when they are due, in as few writes as that allows."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Final, Literal

from anyio import CancelScope
from starlette.types import Receive, Scope, Send

from chatdouble.backend.delivery import Abort, Head, Timed
from chatdouble.http.connection import Connection, Shutdown, connection_of
from chatdouble.http.pacing import DuePieces

EVENTS: Final = b"text/event-stream; charset=utf-8"
"""The content type of a stream (streams#framing)."""

Ended = Literal["completed", "client left", "cut"]
Pieces = Iterator[Timed] | AsyncGenerator[Timed]


class HangupError(Exception):
    """The connection must not live on, and the server offers no way to say so but failing."""


class PacedResponse:
    """Server-sent events, or any body, whose pieces have due times; it sends nothing of its own.

    The head leaves with the first piece, so what the pieces raise before it can still become another response.
    Due times count from `started`, so delays never add up. Watching for the client to leave begins when the response
    first has to wait. The pieces are closed in every case.

    Pieces that are there already are written by timers themselves, where the server offers the request's connection:
    to wake a task, and all that wait for each other in it, takes as long as the write.

    Args:
        head: The response's head.
        pieces: The pieces and when they are due.
        started: When the request came, by the event loop's clock, in seconds.
        shutdown: Who ends it when the server stops; None: nobody.

    Attributes:
        begun: Whether the head has been sent.
        ended: How it ended.
        size: Bytes of body sent.
    """

    def __init__(self, head: Head, pieces: Pieces, started: float, shutdown: Shutdown | None = None) -> None:
        self._head = head
        self.ended: Ended = "completed"
        self.size = 0
        self._pieces = pieces
        self._started = started
        self._shutdown = shutdown
        self._leash: CancelScope | asyncio.Task[object] | None = None
        self._cancelled = False
        self._waits = False
        self._watcher: asyncio.Task[None] | None = None
        self.begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response.

        Raises:
            HangupError: It was cut, and the server's scope has no extension for that.
            Exception: Whatever the pieces raise.
        """
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        self._connection = connection_of(scope)
        pieces = self._pieces
        ending: Abort | None = Abort.HANGUP
        try:
            ending = await (self._ready(DuePieces(pieces)) if isinstance(pieces, Iterator) else self._coming(pieces))
        except OSError:
            self.ended = "client left"
        finally:
            self._let_go()
            self._leash = None  # a task leads back here
        if ending and self.ended != "client left":
            self.ended = "cut"
            _cut(self._connection, ending)

    async def _ready(self, pieces: DuePieces) -> Abort | None:
        """Send pieces that are there already; return how they end, None if they are whole."""
        self._leash = task = asyncio.current_task(self._loop)
        try:
            while pieces.more:
                body = await self._due(pieces)
                if isinstance(body, Abort):
                    return await self._end(body)
                if not pieces.more:
                    self._let_go()
                await self._write(body, more=pieces.more)
                del body  # what was sent need not be held while the next is waited for
        except asyncio.CancelledError:
            if task is None or not self._cancelled or task.uncancel():  # it was somebody else, or somebody else too
                raise
            return Abort.HANGUP
        return None

    async def _due(self, pieces: DuePieces) -> bytes | Abort:
        """Return what is due next, once it is, and cannot be written by a timer: it is the last, or the client slow."""
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
        """Return the seconds since the request came; uvloop's time may be a little behind the steady clock's."""
        return max(self._loop.time() - self._started, 0.0)

    def _tick(self, pieces: DuePieces, waiting: "asyncio.Future[bytes | Abort]") -> None:
        """Write what is due and come again for what is due next, or leave it to who waits."""
        if waiting.done():
            return
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
        """Set a timer to what is due next."""
        at = self._connection.at if self._connection else self._loop.call_at
        self._timer = at(self._started + pieces.due, self._tick, pieces, waiting)

    def _written(self, body: bytes) -> bool:
        """Send a piece of the body at once, if the connection takes it; say whether."""
        if self._connection is None or not self._connection.write(body):
            return False
        self.size += len(body)
        return True

    async def _coming(self, pieces: AsyncGenerator[Timed]) -> Abort | None:
        """Send pieces as they come; return how they end, None if they are whole."""
        try:
            with CancelScope() as self._leash:
                self._wait()
                async for due, piece in pieces:
                    if due > self._elapsed():
                        await _at(self._started + due, self._loop)
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
        """Return an ending; a stall never, unless it is cancelled."""
        if ending is Abort.STALL:
            self._wait()
            if self._shutdown:
                self._shutdown.stall(self)
            await self._loop.create_future()
        return ending

    async def _write(self, body: bytes, *, more: bool) -> None:
        """Send a piece of the body, the head before the first."""
        if not self.begun:
            self.begun = True
            await self._send(
                {"type": "http.response.start", "status": self._head.status, "headers": [*self._head.headers]}
            )
        self.size += len(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _wait(self) -> None:
        """Let the client's leaving and the server's stop end the response from here on."""
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
        """End the response where it waits."""
        if self._leash and not self._cancelled:
            self._cancelled = True
            self._leash.cancel()

    def _let_go(self) -> None:
        if not self._waits:
            return
        self._waits = False
        if self._connection:
            self._connection.watch(None)
        # A task that was cancelled keeps its frame, which leads here: kept, it would wait for the garbage collector.
        watcher, self._watcher = self._watcher, None
        if watcher:
            watcher.cancel()
        if self._shutdown:
            self._shutdown.leave(self)


async def _at(time: float, loop: asyncio.AbstractEventLoop) -> None:
    """Return at a time of an event loop, which is given since to ask for it costs a system call (Python 3.11)."""
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
