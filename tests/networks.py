"""A network between a server and its Redis that a test can cut, hold and mend."""

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

_PIECE = 65536
_TURN = 0.02
"""Seconds after which a held connection looks again."""


class Network:
    """A relay of connections to a port of this machine.

    Attributes:
        port: The port that stands for the other one.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._flows = threading.Event()
        self._flows.set()
        self._is_cut = False

    def serve(self) -> None:
        """Relay connections until the network is closed."""
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with suppress(OSError):
                self._join(client)

    def _join(self, client: socket.socket) -> None:
        if self._is_cut:
            client.close()
            return
        try:
            server = socket.create_connection(("127.0.0.1", self._target), timeout=60)
        except OSError:
            client.close()
            raise
        self._open |= {client, server}
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                while not self._flows.wait(_TURN):
                    if source not in self._open:
                        return
                sink.sendall(piece)
        self._drop(source, sink)

    def _drop(self, *ends: socket.socket) -> None:
        for end in ends:
            self._open.discard(end)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def cut(self) -> None:
        """Break all connections, and refuse new ones."""
        self._is_cut = True
        self._drop(*self._open)

    def hold(self) -> None:
        """Let nothing through, and keep the connections."""
        self._flows.clear()

    def mend(self) -> None:
        """Let everything through again."""
        self._is_cut = False
        self._flows.set()

    def close(self) -> None:
        """Break all connections for good."""
        self._listener.close()
        self.cut()


@contextmanager
def network(target: int) -> Generator[Network]:
    """Relay connections to a port for as long as a `with` lasts."""
    relay = Network(target)
    thread = threading.Thread(target=relay.serve, daemon=True)
    thread.start()
    try:
        yield relay
    finally:
        relay.close()
        thread.join(timeout=10)
