"""Clients that have closed their half of the connection: they wait for their answer, or they are gone."""

import asyncio
import socket
from typing import Final

from uvicorn.protocols.http.flow_control import FlowControl

_FIRST: Final = 0.02
"""Seconds until the first look, in which a client of the same machine or network answers a probe."""
_SLOWEST: Final = 1.0
"""Seconds between looks in the long run."""


class HalfClosed:
    """Looks after a connection from which nothing more is read, so that only a failed write tells of a client's leave.

    A client that closed its half alone (`nc -N`) and one that closed the connection look the same until something is
    sent: the first reads it, and the second answers it with a reset. Until the first look nothing else is written, so
    that an answer to nobody is noticed before it is sent.

    Args:
        transport: The connection, on which a probe has been written if its response allowed one.
        flow: Its flow control.
        probed: Whether a probe has been written.
    """

    __slots__ = ("_flow", "_seconds", "_timer", "_transport")

    def __init__(self, transport: asyncio.Transport, flow: FlowControl, *, probed: bool) -> None:
        self._transport = transport
        self._flow = flow
        self._seconds = _FIRST
        if probed:
            flow.pause_writing()
        self._wait()

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._look)

    def _look(self) -> None:
        """Abort the connection if it was reset; otherwise allow writes and look again later."""
        if self._transport.is_closing():
            return
        connection: socket.socket | None = self._transport.get_extra_info("socket")
        if connection is not None and connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._transport.abort()
            return
        if not self._transport.get_write_buffer_size():
            self._flow.resume_writing()
        self._seconds = min(self._seconds * 2, _SLOWEST)
        self._wait()

    def cancel(self) -> None:
        """Stop looking: the connection is closed."""
        self._timer.cancel()
