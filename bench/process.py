"""Servers as processes: started on a core of their own, watched by what Linux says of them, stopped by their id."""

import contextlib
import http.client
import os
import resource
import socket
import subprocess
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.payloads import KEY, Load

HOST: Final = "127.0.0.1"
_FILES: Final = 20_000
_PATIENCE: Final = 30.0
"""Seconds a server may take to start."""
_BYTECODE: Final = {"PYTHONDONTWRITEBYTECODE": ""}
"""Servers keep their bytecode, as they do where nobody forbids it: whoever starts one again need not compile it."""
_REST: Final = 0.3
"""Seconds until a server that has started is idle."""


@dataclass(frozen=True, slots=True)
class Spec:
    """The command and the environment of a server.

    Attributes:
        name: Its name in the results.
        command: Its command line, given its port.
        environ: Variables it needs, given its port.
        folder: The working directory.
        path: The URL path of a load.
        spread: Whether it runs on all cores, not on the first one alone.
        beside: A running server that it asks itself, whose processor time is listed apart.
    """

    name: str
    command: Callable[[int], Sequence[str | Path]]
    environ: Callable[[int], dict[str, str]] = field(default=lambda _: {})
    folder: Path | None = None
    path: Callable[[Load], str] = field(default=lambda load: load.path)
    spread: bool = False
    beside: "Running | None" = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer.

    Attributes:
        status: The HTTP status.
        body: The body.
    """

    status: int
    body: bytes

    @property
    def frames(self) -> list[bytes]:
        """The body's server-sent events."""
        return [frame + b"\n\n" for frame in self.body.replace(b"\r\n", b"\n").split(b"\n\n") if frame.strip()]


@dataclass(frozen=True, slots=True)
class Running:
    """A running server.

    Attributes:
        spec: How it was started.
        port: Where it listens.
        process: Its process.
        started: When it was started, by the steady clock.
    """

    spec: Spec
    port: int
    process: "subprocess.Popen[bytes]"
    started: float

    def ask(self, load: Load, timeout: float = 10.0) -> Answer:
        """Send one request.

        Raises:
            OSError: The server does not answer.
        """
        connection = http.client.HTTPConnection(HOST, self.port, timeout=timeout)
        headers = {"content-type": "application/json", "authorization": f"Bearer {KEY}"}
        with contextlib.closing(connection):
            connection.request("POST", self.spec.path(load), load.encoded(), headers)
            response = connection.getresponse()
            return Answer(response.status, response.read())

    def resident(self) -> int:
        """Return the memory that the server and its children hold, in bytes."""
        return sum(_resident(pid) for pid in _family(self.process.pid))

    def spent(self) -> float:
        """Return the processor time that it has used, in seconds."""
        return sum(_spent(pid) for pid in _family(self.process.pid))


def start(spec: Spec) -> Running:
    """Start a server on the first core, or on all of them, without waiting for it.

    Raises:
        RuntimeError: There is no such program.
    """
    port = free_port()
    command = [str(word) for word in spec.command(port)]
    with contextlib.nullcontext() if spec.spread else on_core(0):
        started = time.monotonic()
        try:
            process = subprocess.Popen(
                command,
                env={**os.environ, **_BYTECODE, **spec.environ(port)},
                cwd=spec.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise RuntimeError(f"{command[0]} cannot be started: {error.strerror}") from error
    return Running(spec, port, process, started)


def first_answer(server: Running, load: Load) -> float:
    """Return the seconds from a server's start to its first 200.

    Raises:
        RuntimeError: It stopped, refused the request, or gave no answer for too long.
    """
    said = "nothing"
    while (spent := time.monotonic() - server.started) < _PATIENCE:
        if server.process.poll() is not None:
            raise RuntimeError(f"it stopped with exit code {server.process.returncode}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            answer = server.ask(load)
            if answer.status == http.HTTPStatus.OK:
                return time.monotonic() - server.started
            said = f"{answer.status} {answer.body[:80]!r}"
            if answer.status < http.HTTPStatus.INTERNAL_SERVER_ERROR:
                raise RuntimeError(f"it answered {said}")  # it runs, and will not answer otherwise later
        time.sleep(0.002)
    raise RuntimeError(f"it answered {said} for {spent:.0f} s")


def listening(server: Running) -> None:
    """Wait until a server accepts connections and has come to rest.

    Raises:
        RuntimeError: It never does.
    """
    while time.monotonic() - server.started < _PATIENCE:
        with contextlib.suppress(OSError), socket.create_connection((HOST, server.port)):
            time.sleep(_REST)
            return
        time.sleep(0.01)
    raise RuntimeError("it does not listen")


def stop(server: Running) -> None:
    """Stop a server: in order, or by force if it lingers."""
    server.process.terminate()
    try:
        server.process.wait(5)
    except subprocess.TimeoutExpired:
        server.process.kill()
        server.process.wait(5)


@contextmanager
def running(spec: Spec, load: Load) -> Generator[Running]:
    """Run a server for a while; it has answered a load when the block begins.

    Raises:
        RuntimeError: It does not answer.
    """
    server = start(spec)
    try:
        first_answer(server, load)
        yield server
    finally:
        stop(server)


@contextmanager
def on_core(number: int) -> Generator[None]:
    """Start what is started in the block on one core, if the machine has more than one."""
    cores = os.sched_getaffinity(0)
    if len(cores) > 1:
        os.sched_setaffinity(0, {sorted(cores)[number]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def allow_many_files() -> None:
    """Let this process and those it starts open a connection for each of thousands of streams."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _family(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
            yield from _family(int(child))


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1]) * resource.getpagesize()
    return 0


def _spent(pid: int) -> float:
    """Return what all threads have spent, to the nanosecond."""
    spent = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            spent += int(file.read_text("ascii").split()[0])
    return spent / 1e9
