"""An upstream that sends exact bytes and closes its connections when a test says so."""

import socket
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

Answers = Sequence[bytes | None]
"""The bytes that answer each request of a connection; None closes it once the request has come."""


@dataclass
class RawUpstream:
    """A running upstream.

    Attributes:
        listener: Its socket.
        connections: The answers of each connection in order; the last ones also serve all that follow.
        requests: How many requests each connection has received.
    """

    listener: socket.socket
    connections: Sequence[Answers]
    requests: list[int] = field(default_factory=list[int])

    @property
    def base_url(self) -> str:
        """The URL to give to `--upstream`."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/v1"

    def serve(self) -> None:
        """Serve one connection after another until the listener is closed."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.requests.append(0)
            with connection:
                self._answer(connection, self.connections[min(len(self.requests), len(self.connections)) - 1])

    def _answer(self, connection: socket.socket, answers: Answers) -> None:
        for answer in answers:
            if not _request(connection):
                return
            self.requests[-1] += 1
            if answer is None:
                return
            connection.sendall(answer)


def _request(connection: socket.socket) -> bytes:
    """Read one request with its body; nothing if the other side has closed."""
    received = b""
    while b"\r\n\r\n" not in received:
        data = connection.recv(65536)
        if not data:
            return b""
        received += data
    head, _, body = received.partition(b"\r\n\r\n")
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return received


@contextmanager
def raw_upstream(*connections: Answers) -> Generator[RawUpstream]:
    """Run an upstream that gives each connection its answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = RawUpstream(listener, connections)
        thread = threading.Thread(target=made.serve, name="raw upstream", daemon=True)
        thread.start()
        try:
            yield made
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def answer(body: bytes, *headers: bytes) -> bytes:
    """Return a whole answer with these header lines and the length of its body."""
    lines = [b"HTTP/1.1 200 OK", *headers, b"content-length: %d" % len(body)]
    return b"\r\n".join([*lines, b"", body])
