"""Redis servers of the tests' own, on free ports; where redis-server is missing their tests are skipped."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

_PROGRAM: Final = shutil.which("redis-server") or shutil.which("valkey-server")


class RedisServer:
    """A Redis server that can be killed and started again.

    Attributes:
        port: Its port, at 127.0.0.1.
    """

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        self.port = _free_port()
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its URL, with more patience than the default."""
        return f"redis://127.0.0.1:{self.port}/0?timeout=60"  # on a busy machine it takes as long as it takes

    def start(self) -> None:
        """Start it, and wait until it answers."""
        if _PROGRAM is None:
            pytest.skip("redis-server is not installed")
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen([_PROGRAM, *options, *self._options], stdout=subprocess.DEVNULL)
        for _ in range(1000):
            assert self._process.poll() is None
            if self._answers():
                return
            time.sleep(0.01)
        raise AssertionError("redis-server did not answer")

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as asked:
                asked.sendall(b"PING\r\n")
                return asked.recv(100).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False

    def send(self, signal_number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP makes it slow beyond all patience, SIGCONT ends that."""
        assert self._process is not None
        self._process.send_signal(signal_number)

    def kill(self) -> None:
        """Kill it, without a chance to save anything."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


_HIGHEST: Final = 55_000


@contextmanager
def redis_server(folder: Path, *options: str) -> Generator[RedisServer]:
    """Run a Redis server for as long as a `with` lasts.

    Args:
        folder: Where it may write.
        options: Further options of its command line.
    """
    server = RedisServer(folder, options)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _free_port() -> int:
    """Return a free port. A cluster also listens on the one 10,000 above it."""
    while True:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        if port < _HIGHEST:
            return port
