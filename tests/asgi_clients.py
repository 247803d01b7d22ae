"""A client at the other end of an ASGI application, and an event loop in which waiting takes no time."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from starlette.types import Message

from chatdouble.backend import Call
from chatdouble.backend.delivery import CONNECTION

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    """Goes on to when the next timer is due instead of waiting for it."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(timeout if timeout is None else 0)
        if timeout and not ready:
            self.now += timeout
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock starts at 0 and jumps from timer to timer."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the loop's own time, in seconds."""
        return self._jumping.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a test's coroutine where waiting takes no time."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main)


class Timer:
    """A timer that is set again as long as what it calls returns a time.

    Args:
        time: When it calls first.
        call: What it calls.
    """

    def __init__(self, time: float, call: Callable[[], float | None]) -> None:
        self._call = call
        self._handle = asyncio.get_running_loop().call_at(time, self._happen)

    def _happen(self) -> None:
        if (again := self._call()) is not None:
            self._handle = asyncio.get_running_loop().call_at(again, self._happen)

    def cancel(self) -> None:
        """Call no more."""
        self._handle.cancel()


class Client:
    """A client that notes what it gets and when, and may leave.

    Args:
        leaves: Seconds after which it leaves; None: never.
        slow: Seconds each message takes to be sent.
        extensions: Whether the server offers to cut the connection.
        broken: Whether nothing can be sent to it.
        direct: Whether its connection takes pieces at once.
        full: From when until when it takes nothing.
    """

    def __init__(
        self,
        *,
        leaves: float | None = None,
        slow: float = 0,
        extensions: bool = True,
        broken: bool = False,
        direct: bool = False,
        full: tuple[float, float] = (0, 0),
    ) -> None:
        self._full = full
        self._direct = direct
        self._broken = broken
        self._leaves = leaves
        self._slow = slow
        self.got: list[tuple[float, Message]] = []
        self.cuts: list[str] = []
        self.watched = 0
        self._leaving: asyncio.TimerHandle | None = None
        self.scope: dict[str, Any] = {"type": "http", "method": "POST"}
        if extensions:
            self.scope["extensions"] = {CONNECTION: self}

    def write(self, body: bytes) -> bool:
        """Take a piece of the body at once, if it is so quick and has the head."""
        if self._direct and self.got and not self._room():
            self._note({"type": "http.response.body", "body": body, "more_body": True})
            return True
        return False

    def at(self, time: float, call: Callable[[], float | None], /) -> "Timer":
        """Have something called at a time, and again when it says."""
        return Timer(time, call)

    def watch(self, left: Callable[[], None] | None) -> None:
        """Call back when the client has left, if it ever does."""
        if self._leaving:
            self._leaving.cancel()
        if left and self._leaves is not None:
            self.watched += 1
            self._leaving = asyncio.get_running_loop().call_later(self._leaves, left)

    def hang_up(self) -> None:
        """Note that the connection was closed."""
        self.cuts.append("hangup")

    def reset(self) -> None:
        """Note that the connection was reset."""
        self.cuts.append("reset")

    async def receive(self) -> Message:
        """Receive the whole request, then wait until the client leaves."""
        self.watched += 1
        if self.watched == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await (asyncio.Event().wait() if self._leaves is None else asyncio.sleep(self._leaves))
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Note a message."""
        if self._broken:
            raise OSError
        await asyncio.sleep(self._room())
        self._note(message)
        await asyncio.sleep(self._slow)

    def _room(self) -> float:
        """Return the seconds until there is room for more."""
        now = asyncio.get_running_loop().time()
        return self._full[1] - now if self._full[0] <= now < self._full[1] else 0

    def _note(self, message: Message) -> None:
        self.got.append((round(asyncio.get_running_loop().time(), 6), message))

    def asks(self, call: Call) -> Call:
        """Return a call with this client at its other end, arrived now by the event loop's clock."""
        call.scope, call.receive, call.send = self.scope, self.receive, self.send
        call.connection = self.scope.get("extensions", {}).get(CONNECTION)
        call.started = asyncio.get_running_loop().time()
        return call

    @property
    def head(self) -> Message:
        """The response's head."""
        return self.got[0][1]

    @property
    def headers(self) -> dict[bytes, bytes]:
        """The response's headers."""
        return dict(self.head["headers"])

    @property
    def writes(self) -> list[tuple[float, bytes]]:
        """The body's messages and when each came."""
        return [(at, message["body"]) for at, message in self.got[1:]]

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(data for _, data in self.writes)

    @property
    def whole(self) -> bool:
        """True once the body is complete."""
        return bool(self.got) and not self.got[-1][1].get("more_body", True)
