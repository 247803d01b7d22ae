"""The results as Markdown tables."""

import os
import platform
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

Results = Mapping[str, Any]
Found = Mapping[str, Mapping[str, Any]]
"""Results by server."""

_COLUMNS: Final = {
    "per_second": "answers/s",
    "chunks_per_second": "chunks/s",
    "spent": "CPU us each",
    "beside": "of Redis",
    "cores": "cores busy",
    "ours": "ours is x times",
    "refused": "refused",
    "errors": "errors",
    "late_p50": "late p50 ms",
    "late_p99": "late p99 ms",
    "first_p99": "first p99 ms",
    "kb_per_stream": "KB/stream",
    "seconds": "first 200 s",
    "idle_mib": "idle MiB",
}
_TITLES: Final = {
    "1 KB": "Requests of 1 KB, whole answers",
    "10 KB, 8 tools": "Requests of 10 KB with 8 tools, whole answers",
    "4 KB, 6 turns": "Requests of 4 KB, the sixth turn of a conversation, whole answers",
    "1 KB, Responses": "Requests of 1 KB to the Responses API, whole answers",
    "stream": "Streams of 200 tokens, no pace",
    "stream, Responses": "Streams of 200 tokens of the Responses API, no pace",
    "starts": "Start, and memory before the first request",
    "scripts": "Scripts",
    "features": "Journal, metrics and limits",
}


def machine() -> dict[str, Any]:
    """Describe the machine and what runs on it."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "python": platform.python_version(),
        "optimized": "--enable-optimizations" in str(sysconfig.get_config_var("CONFIG_ARGS")),
        "load": round(os.getloadavg()[0], 1),
        **{name: version(name) for name in ("uvicorn", "uvloop", "httptools", "pydantic", "orjson")},
    }


def tables(results: Results) -> Iterator[str]:
    """Return the results as Markdown, line by line."""
    yield from _table("Targets", results["targets"], ("target", "wanted", "is", "met"))
    for name, title in _TITLES.items():
        if name in results:
            yield from _servers(title, results[name])
    crowds: Mapping[str, Found] = {**results.get("crowds", {}), **results.get("crowd", {})}
    for name, found in crowds.items():
        yield from _servers(f"Paced streams, {name}", found)
    states: Mapping[str, Found] = results.get("states", {})
    for name, found in states.items():
        yield from _servers(f"States and workers, {name}", found)
    if sessions := results.get("sessions"):
        rows = [{"state": state, **sizes} for state, sizes in sessions.items()]
        yield from _table("Memory of sessions", rows, ("state", "sessions", "entries", "session_kb", "entry_kb"))
    for name, reason in results["failed"].items():
        yield f"Not measured: {name}: {reason}"


def _servers(title: str, found: Found) -> Iterator[str]:
    rows = {name: one for name, one in found.items() if "failed" not in one}
    columns = [key for key in _COLUMNS if any(key in one for one in rows.values())]
    shown = [{"server": name, **{_COLUMNS[key]: one.get(key, "") for key in columns}} for name, one in rows.items()]
    yield from _table(title, shown, ("server", *(_COLUMNS[key] for key in columns)))
    for name, one in found.items():
        if "failed" in one:
            yield f"Not measured: {name}: {one['failed']}"
            yield ""


def _table(title: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    yield f"### {title}"
    yield ""
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_cell(row[column]) for column in columns)} |"
    yield ""


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"  # noqa: PLR2004 - a thousand
    return f"{value:,}" if isinstance(value, int) else str(value)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text("ascii", errors="replace").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
