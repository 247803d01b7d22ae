"""A response whose pieces are sent when they are due, in as few writes as possible."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Iterator
from typing import TYPE_CHECKING, Any, Final, Literal

from starlette.types import Receive, Send

from chatdouble.backend.delivery import Abort, Cancellable, Connection, Head, Timed
from chatdouble.backend.notes import Writes
from chatdouble.core.histogram import Histogram
from chatdouble.http.pacing import DuePieces, at_time, flat
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

    Timers write pieces that exist already, if the server offers the connection: waking a task takes as long.

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

    __slots__ = (
        "_cancelled",
        "_connection",
        "_due",
        "_head",
        "_late",
        "_leash",
        "_loop",
        "_pieces",
        "_receive",
        "_send",
        "_shutdown",
        "_started",
        "_timer",
        "_waiting",
        "_waits",
        "_watcher",
        "_writes",
        "begun",
        "ended",
        "first",
        "size",
    )

    def __init__(
        self,
        head: Head,
        pieces: Pieces | DuePieces,
        started: float,
        shutdown: Shutdown | None = None,
        writes: Writes | None = None,
        late: Histogram | None = None,
    ) -> None:
        self._head: Head | None = head
        self.ended: Ended = "completed"
        self.size = 0
        self.first = 0.0
        self._pieces = pieces
        self._due: DuePieces
        self._started = started
        self._shutdown = shutdown
        self._writes = writes
        self._late = late
        self._leash: CancelScope | asyncio.Task[object] | None = None
        self._cancelled = False
        self._waits = False
        self._watcher: asyncio.Task[None] | None = None
        self._timer: Cancellable | None = None
        self._waiting: asyncio.Future[bytes | Abort]
        self.begun = False

    def __call__(self, connection: Connection | None, receive: Receive, send: Send) -> Awaitable[None]:
        """Send the response.

        Raises:
            HangupError: It was cut, and the server offers no connection.
            Exception: Anything that the pieces raise.
        """
        self._receive, self._send = receive, send
        self._loop = asyncio.get_running_loop()
        self._connection = connection
        if isinstance(self._pieces, AsyncGenerator):
            return self._coming(self._pieces)
        return self._ready()

    async def _ready(self) -> None:
        """Send pieces that exist already."""
        pieces: Any = self._pieces
        self._due = pieces = pieces if isinstance(pieces, DuePieces) else DuePieces(flat(pieces))
        self._leash = task = asyncio.current_task(self._loop)
        ending: Abort | None = None
        try:
            while pieces.more:
                now = self._elapsed()
                body = pieces.take(now) if pieces.due <= now else await self._later(pieces.due)
                if isinstance(body, Abort):
                    ending = await self._end(body)
                    break
                if not pieces.more:
                    self._let_go()
                await self._write(body, more=pieces.more)
                del body  # frees the piece while the next one is awaited
        except asyncio.CancelledError:
            if task is None or not self._cancelled or task.uncancel():  # cancelled from elsewhere, maybe too
                raise
            ending = Abort.HANGUP
        except OSError:
            self.ended = "client left"
        finally:
            self._release()
        self._conclude(ending)

    def _release(self) -> None:
        """Let go of all that calls this object, and that it waits for."""
        if self._timer:
            self._timer.cancel()
        self._let_go()
        self._leash = None  # a task refers to this object

    def _conclude(self, ending: Abort | None) -> None:
        """Close or reset the connection of a response that ends early, unless its client has left."""
        if not ending or self.ended == "client left":
            return
        self.ended = "cut"
        if self._connection is None:
            raise HangupError("the answer was to be cut here")
        if ending is Abort.HANGUP:
            self._connection.hang_up()
        else:
            self._connection.reset()

    def _later(self, due: float) -> "asyncio.Future[bytes | Abort]":
        """Return the next piece the timer could not write: the last one, or one for a slow client."""
        self._wait()
        self._waiting = self._loop.create_future()
        at = self._connection.at if self._connection else self._loop.call_at
        self._timer = at(self._started + due, self._tick)
        return self._waiting

    def _elapsed(self) -> float:
        """Return the seconds since the request arrived, not below 0: uvloop's time may lag behind the steady clock."""
        return max(self._loop.time() - self._started, 0.0)

    def _tick(self) -> float | None:
        """Write what is due and return the time of the next piece, or hand the piece to the task that waits."""
        pieces = self._due
        if self._waiting.done():
            return None
        due, started, at = pieces.due, self._started, self._now()
        if self._late is not None:
            self._late.observe(at - due if at > due else 0.0)
        try:
            now = self._loop.time() - started
            body = pieces.take(max(due, now))
            written = pieces.more and isinstance(body, bytes) and self._written(body, at)
        except Exception as error:  # noqa: BLE001 - it is raised where the pieces are waited for
            self._waiting.set_exception(error)
            return None
        if written:
            return started + pieces.due
        self._waiting.set_result(body)
        return None

    def _written(self, body: bytes, at: float) -> bool:
        """Write a piece of the body directly if the connection takes it; return whether it did."""
        if taken := self._connection is not None and self._connection.write(body):
            self._count(body, at)
        return taken

    async def _coming(self, pieces: AsyncGenerator[Timed]) -> None:
        """Send pieces as they arrive."""
        from anyio import CancelScope  # noqa: PLC0415 - for answers that come in pieces

        ending: Abort | None = Abort.HANGUP
        try:
            with CancelScope() as self._leash:
                ending = await self._each(pieces)
        except OSError:
            self.ended = "client left"
        finally:
            self._release()
            with CancelScope(shield=True):
                await pieces.aclose()
        self._conclude(ending)

    async def _each(self, pieces: AsyncGenerator[Timed]) -> Abort | None:
        """Send pieces as they arrive; return how they end, None if they are whole."""
        self._wait()
        async for due, piece in pieces:
            if due > self._elapsed():
                await at_time(self._started + due, self._loop)
                if self._late is not None:
                    self._late.observe(max(self._now() - due, 0.0))
            if isinstance(piece, Abort):
                return await self._end(piece)
            await self._write(piece, more=True)
        self._let_go()
        await self._write(b"", more=False)
        return None

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
        if self._head is not None:
            head, self._head, self.begun = self._head, None, True
            await self._send({"type": "http.response.start", "status": head.status, "headers": [*head.headers]})
        self._count(body, self._now())
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _count(self, body: bytes, at: float) -> None:
        if not self.size:
            self.first = at
        self.size += len(body)
        if self._writes is not None and body:
            self._writes.add(at, body)

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
