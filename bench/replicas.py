"""Several processes and a Redis: what a shared state and a second worker cost, and what sessions and streams hold."""

import json
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bench import paced, servers
from bench.payloads import BRIEF_STREAM, COUNTER, HELLO, KEY, STREAM, WHOLE
from bench.process import HOST, Answer, Running, Spec, listening, on_core, running, start, stop
from bench.suite import Found, Plan, race

MEMORY: Final = "memory"
REDIS: Final = "Redis"
WORKERS: Final = "Redis, 2 workers"

_SCRIPT: Final = Path(__file__).parent / "sessions.lua"
_PATIENCE: Final = 600
_ENTRIES: Final = 10
"""Requests of each session."""
_FEWER: Final = 5
"""Two workers with a Redis get fewer streams by this factor, because each begins with a share of a core."""
_REDIS_SHARE: Final = 10
"""Redis gets fewer sessions than memory by this factor, because they take longer."""


def states(plan: Plan, _: Path) -> Found:
    """Measure memory against Redis, and two workers against one."""
    with _redis() as state:
        specs = [servers.shipped(name=MEMORY), *_sharing(state)]
        return {load.name: race(specs, load, plan) for load in (WHOLE, STREAM)}


def crowd(plan: Plan, folder: Path) -> Found:
    """Measure very many paced streams of one process, and a fifth of them of two that share a Redis."""
    paced.build()
    frames = len(Answer(200, (folder / servers.answer_file(BRIEF_STREAM)).read_bytes()).frames)
    pace = ("--tokens-per-second", str(plan.crowd.rate))
    found: Found = {}
    with _redis() as state:
        fewer = replace(plan.crowd, streams=max(1, plan.crowd.streams // _FEWER))
        for spec, streams in ((servers.shipped(*pace, name=MEMORY), plan.crowd), (_sharing(state, *pace)[1], fewer)):
            try:
                with running(spec, HELLO) as server:
                    measured = paced.measure(server, BRIEF_STREAM, streams, frames)
            except RuntimeError as error:
                measured = {"failed": str(error)}
            found[f"{streams.streams} x {streams.rate}/s"] = {spec.name: measured}
    return found


def sessions(plan: Plan, _: Path) -> Found:
    """Measure the memory of a session and of an entry of its journal, in the process or in Redis."""
    found: Found = {}
    with running(servers.shipped("--journal-bytes-in-all", str(2**40)), HELLO) as server:
        found[MEMORY] = _sizes(server, server.resident, plan.sessions)
    with _redis() as state, running(_sharing(state)[0], HELLO) as server:
        found[REDIS] = _sizes(server, lambda: _used(state), max(1, plan.sessions // _REDIS_SHARE))
    return found


def _sizes(server: Running, size: Callable[[], int], number: int) -> Found:
    """Return the KB of a session and of an entry, by the growth with the first entries and with the others."""
    before = size()
    _fill(server, number, 1)
    first = size()
    _fill(server, number, _ENTRIES - 1)
    entry = (size() - first) / number / (_ENTRIES - 1) / 1024
    session = (first - before) / number / 1024 - entry
    return {"sessions": number, "entries": _ENTRIES, "session_kb": round(session, 1), "entry_kb": round(entry, 1)}


def _fill(server: Running, number: int, times: int) -> None:
    """Send a short request for each of many sessions, so often.

    Raises:
        RuntimeError: There is no wrk, or not all were answered.
    """
    if shutil.which("wrk") is None:
        raise RuntimeError("wrk is not installed")
    url = f"http://{HOST}:{server.port}{server.spec.path(HELLO)}"
    with tempfile.NamedTemporaryFile() as body, on_core(1):
        body.write(HELLO.encoded())
        body.flush()
        words = ["wrk", "-t1", "-c16", f"-d{_PATIENCE}s", "-s", str(_SCRIPT), url, "--"]
        words += [body.name, KEY, COUNTER, str(number), str(times)]
        done = subprocess.run(words, capture_output=True, check=True, timeout=_PATIENCE + 30)
    *_, last = [b"{}", *done.stdout.splitlines()]
    said: dict[str, Any] = json.loads(last)
    if said.get("refused") != 0:
        raise RuntimeError(f"not all of {number * times} requests were answered: {said}")


def _used(state: Running) -> int:
    """Return the bytes that a Redis holds."""
    with socket.create_connection((HOST, state.port), timeout=10) as asked:
        asked.sendall(b"INFO memory\r\n")
        said = asked.recv(1 << 16)
    return int(said.partition(b"used_memory:")[2].partition(b"\r\n")[0])


def _sharing(state: Running, *flags: str) -> tuple[Spec, Spec]:
    """Return the servers with a Redis: one process, and two workers, which may use all cores."""
    url = f"redis://{HOST}:{state.port}/0?timeout=10"
    return (
        servers.shipped("--state", url, *flags, name=REDIS, beside=state),
        servers.shipped("--state", url, "--workers", "2", *flags, name=WORKERS, beside=state, spread=True),
    )


@contextmanager
def _redis() -> Generator[Running]:
    """Run a Redis, without files, for as long as the block lasts.

    Raises:
        RuntimeError: It is not installed.
    """
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise RuntimeError("redis-server is not installed; on Debian: apt-get install redis-server")
    words = [program, "--bind", HOST, "--save", "", "--appendonly", "no"]
    state = start(
        Spec("Redis", lambda port: [*words, "--port", str(port)], folder=Path(tempfile.gettempdir()), spread=True)
    )
    try:
        listening(state)
        yield state
    finally:
        stop(state)
