"""The capacity of docs/replicas.md: what a core, a replica, a Redis, a session and a stream take, from the results."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench.payloads import STREAM, WHOLE
from bench.replicas import MEMORY, REDIS, WORKERS
from bench.servers import OURS
from bench.tables import Results, cell, markdown, where

_BUSY: Final = 0.6
"""The share of a core that paced streams may take, so that few are late."""
_STREAMS: Final = 10_000
_RATE: Final = 20
_ABSENT: Final = "Not measured in the last run."


def states(results: Results) -> Iterator[str]:
    """Return what a state in memory or Redis and a second worker give, and how much one Redis carries."""
    found: Mapping[str, Mapping[str, Any]] = results.get("states", {})
    whole, stream = found.get(WHOLE.name, {}), found.get(STREAM.name, {})
    if not whole.get(REDIS, {}).get("beside"):
        yield _ABSENT
        return
    yield f"Measured {where(results)}."
    yield "One process runs on one core, and two workers on both, which Redis and the clients share:"
    yield ""
    columns = ("state", "1 KB: answers/s", "CPU us", "of Redis, us", "streams/s", "CPU us", "of Redis, us")
    keys = ("per_second", "spent", "beside")
    rows = [
        (state, *(cell(load.get(state, {}).get(key)) for load in (whole, stream) for key in keys))
        for state in (MEMORY, REDIS, WORKERS)
    ]
    yield from markdown(columns, rows)
    redis = whole[REDIS]
    carries, process = 1e6 / redis["beside"], 1e6 / redis["spent"]
    yield ""
    yield (
        f"A core that does nothing else gives {1e6 / whole[MEMORY]['spent']:,.0f} answers a second from memory and "
        f"{process:,.0f} with Redis. One Redis serves about {carries:,.0f}, which is {carries / process:.0f} processes."
    )


def sizes(results: Results) -> Iterator[str]:
    """Return the memory of processes, streams and sessions, and how late very many streams are."""
    rows: list[tuple[str, str]] = []
    idle = results.get("starts", {}).get(OURS, {}).get("idle_mib")
    rows.append(("a process that does nothing", f"{cell(idle)} MiB" if idle else _ABSENT))
    for state, found in results.get("sessions", {}).items():
        place = "the process" if state == MEMORY else state
        rows.append((f"a session, in {place}", f"{cell(found['session_kb'])} KB"))
        rows.append(
            (f"an entry of its journal, a short question and answer, in {place}", f"{cell(found['entry_kb'])} KB")
        )
    rows += [(f"{name}, in one process", _crowd(found[OURS])) for name, found in results.get("crowds", {}).items()]
    places = {MEMORY: "in one process", WORKERS: "in two workers with Redis"}
    for name, found in results.get("crowd", {}).items():
        rows += [(f"{name}, {places[server]}", _crowd(one)) for server, one in found.items()]
    yield from markdown(("", "measured"), rows)


def ten_thousand(results: Results) -> Iterator[str]:
    """Return how many processes very many streams take, by what one of their events costs."""
    found: Mapping[str, Any] = results.get("crowds", {}).get("1000 x 20/s", {}).get(OURS, {})
    if not found:
        yield _ABSENT
        return
    cores = _STREAMS * _RATE * found["spent"] / 1e6
    processes = round(cores / _BUSY + 0.5)
    memory = _STREAMS * found["kb_per_stream"] / 1024
    yield (
        f"An event of a paced stream costs {cell(found['spent'])} us, so {_STREAMS:,} streams of {_RATE} a second keep "
        f"{cores:.1f} cores busy. Few events are late if each process has {_BUSY:.0%} of a core to do. That makes "
        f"{processes} processes, and {memory:,.0f} MiB beside what these hold idle."
    )


def _crowd(found: Mapping[str, Any]) -> str:
    if "failed" in found:
        return f"not measured: {found['failed']}"
    told = [f"{found['most']:,} at once", f"99 of 100 events at most {cell(found['late_p99'])} ms late"]
    if "cores" in found:
        told.append(f"{found['cores']:.2f} cores busy")
    if found["errors"]:
        told.append(f"{found['errors']} failed")
    return ", ".join([*told, f"{cell(found['kb_per_stream'])} KB each"])
