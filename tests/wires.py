"""Transports for uvicorn's protocols, without a socket."""

import asyncio
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from chatdouble.server.uvicorn_protocol.protocol import OneWriteProtocol


def ask(path: str, method: str = "GET", *headers: str) -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: test", *headers, "", ""]).encode()


class Wire(asyncio.Transport):
    """A transport that remembers each write by itself, and when it came."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.times: list[float] = []
        self.aborted = self.closed = False
        self.limits: tuple[int | None, int | None] = (None, None)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Remember a write."""
        self.writes.append(bytes(data))
        self.times.append(asyncio.get_running_loop().time())

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Remember the limit from which nothing more is to be written."""
        self.limits = (high, low)

    def pause_reading(self) -> None:
        """Read on: what comes is given to the protocol by the test."""

    def resume_reading(self) -> None:
        """Read on."""

    def is_closing(self) -> bool:
        """Return True if it was closed."""
        return self.closed or self.aborted

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True

    def abort(self) -> None:
        """Remember that it was aborted."""
        self.aborted = True


def speaking(app: Any, state: dict[str, Any] | None = None) -> tuple[OneWriteProtocol, Wire]:
    """Return a protocol that an application answers on, whose connection was just made, and the wire it writes to.

    Args:
        app: The application.
        state: The state of the server; None: it is a server of its own.
    """
    config = uvicorn.Config(app, lifespan="off", log_level="critical", timeout_keep_alive=5)
    spoken, wire = OneWriteProtocol(config, ServerState(), {} if state is None else state), Wire()
    spoken.connection_made(wire)
    return spoken, wire
