"""A response whose pieces leave when they are due, in as few writes as that allows."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Final, Literal

import anyio
from anyio import CancelScope
from sse_starlette import EventSourceResponse
from starlette.types import Receive, Scope, Send

from chatdouble.connection import connection_of
from chatdouble.delivery import Ending, Head, Timed
from chatdouble.wire.shutdown import Shutdown

EVENTS: Final = b"text/event-stream; charset=utf-8"
"""The content type of a stream (wire 4)."""

Ended = Literal["completed", "client left", "cut"]
Pieces = Iterator[Timed] | AsyncGenerator[Timed]

_WRITE: Final = 32 * 1024
"""The most bytes that several pieces make up in one body message."""


class HangupError(Exception):
    """The connection must not live on, and the server offers no way to say so but failing."""


class PacedResponse(EventSourceResponse):
    """Server-sent events, or any body, whose pieces have due times; it sends nothing of its own.

    The head leaves with the first piece, so what the pieces raise before it can still become another response.
    Due times count from `started`, so delays never add up. What costs tasks (watching for the client to leave) begins
    when the response first has to wait. The pieces are closed in every case.

    Args:
        head: The response's head.
        pieces: The pieces and when they are due.
        started: When the request came, by the event loop's clock, in seconds.
        shutdown: Who ends it when the server stops; None: nobody.

    Attributes:
        ended: How it ended.
        size: Bytes of body sent.
    """

    def __init__(self, head: Head, pieces: Pieces, started: float, shutdown: Shutdown | None = None) -> None:
        super().__init__(pieces, head.status, ping=0)  # pyright: ignore[reportUnknownMemberType] - its bare dict
        self.raw_headers = list(head.headers)
        self.ended: Ended = "completed"
        self.size = 0
        self._pieces = pieces
        self._started = started
        self._shutdown = shutdown
        self._leash = CancelScope()
        self._watcher: asyncio.Task[None] | None = None
        self._begun = False
        self._now = 0.0
        self._held: list[bytes] = []
        self._held_size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response.

        Raises:
            HangupError: It was cut, and the server's scope has no extension for that.
            Exception: Whatever the pieces raise.
        """
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        ending: Ending | None = Ending.HANGUP
        try:
            with self._leash:
                ending = await self._run()
        except OSError:
            self.ended = "client left"
        finally:
            self._let_go()
            await self._close()
        if ending and self.ended != "client left":
            self.ended = "cut"
            _cut(scope, ending)

    async def _run(self) -> Ending | None:
        """Send all pieces; return how they end, None if they are whole."""
        ending = await self._send_all(self._pieces)
        if ending is None:
            self._let_go()
            await self._flush(more=False)
            return None
        await self._flush()
        if ending is Ending.STALL:
            self._wait()
            if self._shutdown:
                self._shutdown.stall(self._leash)
            await anyio.sleep_forever()
        return ending

    async def _send_all(self, pieces: Pieces) -> Ending | None:
        if isinstance(pieces, Iterator):
            for due, piece in pieces:
                if not self._holds(due, piece) and (ending := await self._take(due, piece)):
                    return ending
            return None
        self._wait()
        async for due, piece in pieces:
            if ending := await self._take(due, piece):
                return ending
            await self._flush()
        return None

    def _holds(self, due: float, piece: bytes | Ending) -> bool:
        """Hold a piece that is due if there is room for it; say whether."""
        if due > self._now or isinstance(piece, Ending):
            return False
        size = self._held_size + len(piece)
        if size > _WRITE:
            return False
        self._held.append(piece)
        self._held_size = size
        return True

    async def _take(self, due: float, piece: bytes | Ending) -> Ending | None:
        """Hold a piece until it is due and for others that are due with it; return an ending."""
        if due > self._now:
            await self._until(due)
        if isinstance(piece, Ending):
            return piece
        if not self._holds(due, piece):
            await self._flush()
            self._held.append(piece)
            self._held_size = len(piece)
        return None

    async def _until(self, due: float) -> None:
        loop = self._loop
        self._now = loop.time() - self._started
        if due > self._now:
            await self._flush()
            self._wait()
            await _at(self._started + due, loop)
            self._now = due

    async def _flush(self, *, more: bool = True) -> None:
        """Send what is held; the head first, if there is anything at all."""
        if more and not self._held:
            return
        body = b"".join(self._held)
        self._held.clear()
        self._held_size = 0
        if not self._begun:
            self._begun = True
            await self._send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        self.size += len(body)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _wait(self) -> None:
        """Let the client's leaving and the server's stop end the response from here on."""
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())
            if self._shutdown:
                self._shutdown.enter(self._leash)

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.ended = "client left"
        self._leash.cancel()

    def _let_go(self) -> None:
        # A task that was cancelled keeps its frame, which leads here: kept, it would wait for the garbage collector.
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.cancel()
            if self._shutdown:
                self._shutdown.leave(self._leash)

    async def _close(self) -> None:
        with CancelScope(shield=True):
            if isinstance(self._pieces, AsyncGenerator):
                await self._pieces.aclose()


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


def _cut(scope: Scope, ending: Ending) -> None:
    """Close or reset the request's connection."""
    connection = connection_of(scope)
    if connection is None:
        raise HangupError("the answer was to be cut here")
    if ending is Ending.HANGUP:
        connection.hang_up()
    else:
        connection.reset()
