"""Streams at a pace: thousands at once, how late their tokens come, and what memory each holds."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.payloads import COUNTER, KEY, Load
from bench.process import Running, on_core

_SOURCE: Final = Path(__file__).parent / "paced.c"
_BUILT: Final = Path(__file__).parent / ".build" / "paced"

_PATIENCE: Final = 60.0
"""Seconds that streams may take longer than their pace."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Streams that run at once.

    Attributes:
        streams: How many.
        rate: Tokens a second in each.
        ramp: Seconds in which they begin.
    """

    streams: int
    rate: float
    ramp: float


class NoCompilerError(RuntimeError):
    """The client cannot be built."""


def build() -> None:
    """Build the client, once.

    Raises:
        NoCompilerError: There is no C compiler.
    """
    compiler = shutil.which("cc")
    if compiler is None:
        raise NoCompilerError("there is no C compiler; on Debian: apt-get install gcc libc6-dev")
    if not _BUILT.exists() or _BUILT.stat().st_mtime < _SOURCE.stat().st_mtime:
        _BUILT.parent.mkdir(exist_ok=True)
        subprocess.run([compiler, "-O2", "-o", str(_BUILT), str(_SOURCE)], check=True)


def measure(server: Running, load: Load, crowd: Crowd, frames: int) -> dict[str, Any]:
    """Run a crowd of streams against a server.

    Args:
        server: A server that paces the load's answer as the crowd's rate says, from the first token on.
        load: What it is asked.
        crowd: The streams.
        frames: The events of one stream.

    Returns:
        What the client says (see paced.c), the server's processor time for one event in microseconds, the cores that
        it kept busy, and its memory per stream in KB.

    Raises:
        RuntimeError: The streams do not end.
    """
    spent = server.spent()
    before = server.resident()
    due = time.monotonic() + crowd.ramp + frames / crowd.rate + _PATIENCE
    with _client(server, load, crowd, frames) as client:
        most = before
        while client.poll() is None:
            if time.monotonic() > due:
                raise RuntimeError(f"its streams were not over {_PATIENCE:g} s after they should have been")
            most = max(most, server.resident())
            _wait(client, 0.2)
        said: dict[str, Any] = json.loads(client.stdout.read() if client.stdout else b"{}")
        spent = server.spent() - spent
        seconds = said.pop("seconds")
    return {
        **said,
        "spent": round(spent / max(said["events"], 1) * 1e6, 1),
        "cores": round(spent / seconds, 2),
        "kb_per_stream": round((most - before) / 1024 / crowd.streams, 1),
    }


def _wait(client: "subprocess.Popen[bytes]", seconds: float) -> None:
    """Wait a while for a client to end."""
    try:
        client.wait(seconds)
    except subprocess.TimeoutExpired:
        return


@contextmanager
def _client(server: Running, load: Load, crowd: Crowd, frames: int) -> "Generator[subprocess.Popen[bytes]]":
    with tempfile.NamedTemporaryFile() as body:
        body.write(load.encoded().replace(COUNTER.encode(), b"000001"))
        body.flush()
        words = [server.port, server.spec.path(load), body.name, KEY, crowd.streams, crowd.ramp, 0, 1 / crowd.rate]
        with on_core(1):
            client = subprocess.Popen([str(_BUILT), *map(str, words), str(frames)], stdout=subprocess.PIPE)
        try:
            yield client
        finally:
            client.kill()
            client.wait()
