"""The tables of docs/performance.md and the README, made from the results."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from bench import targets
from bench.payloads import RESPONSE, RESPONSE_STREAM, STREAM, TOOLS, TURNS, WHOLE
from bench.servers import AT_ONCE, LIMIT, OURS

Results = Mapping[str, Any]

LOADS: Final = {
    WHOLE.name: "1 KB",
    TOOLS.name: "10 KB, 8 tools",
    TURNS.name: "sixth turn",
    STREAM.name: "200-token stream",
    RESPONSE.name: "1 KB, Responses",
    RESPONSE_STREAM.name: "stream, Responses",
}
"""The loads that have a column, with their titles."""
_NAMES: Final = {LIMIT: "the limit", AT_ONCE: "the limit, all at once", OURS: "**chatdouble**"}
_SMALL: Final = 4.0
"""Microseconds below which a part is one of the others, whatever is asked."""
_SHOWN: Final = 8
"""Packages of a start that have a row."""


def goals(results: Results) -> Iterator[str]:
    """Return where it was measured, and every goal with what was found."""
    yield f"Measured {where(results)}:"
    yield ""
    rows = [(one["target"], one["wanted"], _judged(one)) for one in targets.judged(dict(results))]
    yield from markdown(("goal", "wanted", "found"), rows)


def servers(results: Results) -> Iterator[str]:
    """Return the table of all servers, fastest first: microseconds of CPU time for an answer, start and memory."""
    loads = [load for load in LOADS if load in results]
    names: set[str] = {name for load in loads for name in results[load]}
    rows: list[tuple[str, ...]] = []
    for name in sorted(names, key=lambda name: (spent(results, loads[0], name) or float("inf"), name)):
        start = results.get("starts", {}).get(name, {})
        figures = [spent(results, load, name) for load in loads] + [start.get(key) for key in ("seconds", "idle_mib")]
        rows.append((_NAMES.get(name, name), *map(cell, figures)))
    yield from markdown(("server", *(LOADS[load] for load in loads), "first answer, s", "idle, MiB"), rows)


def missed(results: Results) -> Iterator[str]:
    """Return the goals that were missed, those with the same reason together."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for one in targets.judged(dict(results)):
        if not one["met"]:
            by_reason[one["why"]].append(f"{one['target']}: {one['is']:.3g}")
    yield from markdown(
        ("goal, found", "why, and what was tried"), [("<br>".join(found), why) for why, found in by_reason.items()]
    )


def parts(results: Results) -> Iterator[str]:
    """Return the microseconds of each part of the server, those of uvicorn and the system, and all of them."""
    found: Mapping[str, Mapping[str, float]] = results.get("profile", {}).get("parts", {})
    if not found:
        yield "The parts were not measured in the last run."
        return
    columns = [{name: us for name, us in found[load].items() if name != "all"} for load in found]
    names = {name: max(column.get(name, 0.0) for column in columns) for column in columns for name in column}
    rows = [
        (name, *(cell(column.get(name)) for column in columns))
        for name in sorted(names, key=lambda name: -names[name])
        if names[name] >= _SMALL
    ]
    small = [sum(us for name, us in column.items() if names[name] < _SMALL) for column in columns]
    totals = [spent(results, load, OURS) for load in found]
    rest = [total - sum(column.values()) if total else None for total, column in zip(totals, columns, strict=True)]
    rows += [
        ("smaller parts", *map(cell, small)),
        ("uvicorn, the event loop, system calls", *(cell(one if one and one > 0 else None) for one in rest)),
        ("**an answer over its connection**", *map(cell, totals)),
    ]
    yield from markdown(("part", *(LOADS[load] for load in found)), rows)


def start(results: Results) -> Iterator[str]:
    """Return what a start imports until its first answer, and what the imports hold."""
    found: Mapping[str, Mapping[str, float]] = results.get("profile", {}).get("start", {})
    if not found:
        yield "The imports were not measured in the last run."
        return
    ms = [f"{name} {cell(one)} ms" for name, one in list(found["ms"].items())[:_SHOWN]]
    mib = [f"{name} {cell(one)} MiB" for name, one in found["mib"].items()]
    yield f"Imports until the first answer, timed one by one, which makes them slower: {', '.join(ms)}."
    yield f"Memory after importing, one after another: {', '.join(mib)}."


def speed(results: Results) -> Iterator[str]:
    """Return the README's table: answers and chunks a second, start and memory."""
    yield f"Medians of the last run, {where(results)}:"
    yield ""
    rows: list[tuple[str, ...]] = []
    names: list[str] = list(results.get(WHOLE.name, ()))
    for name in sorted(names, key=lambda name: -_per_second(results, WHOLE.name, name)):
        found: Mapping[str, float] = results.get("starts", {}).get(name, {})
        figures = [_per_second(results, load, name) or None for load in (WHOLE.name, TOOLS.name)]
        chunks = results.get(STREAM.name, {}).get(name, {}).get("chunks_per_second") or None
        cells = [cell(one) for one in (*figures, chunks, found.get("seconds"), found.get("idle_mib"))]
        rows.append((_NAMES.get(name, name), *cells))
    loads = ("1 KB, whole answers/s", "10 KB with 8 tools, answers/s", "200-token stream, chunks/s")
    yield from markdown(("", *loads, "first 200, s", "idle, MiB"), rows)


def holds(results: Results) -> Iterator[str]:
    """Return how long another client waits for each large request, and the memory around it."""
    found: Mapping[str, Mapping[str, float]] = results.get("holds", {})
    if not found:
        yield "Not measured in the last run."
        return
    yield f"Measured {where(results)}:"
    yield ""
    columns = ("request", "sent, MB", "answer, MB", "others wait, ms", "memory before, MiB", "after, MiB")
    rows = [
        (
            name,
            *(f"{one[key] / 1e6:.1f}" for key in ("sent", "answered")),
            f"{one['waited'] * 1000:.0f}",
            *(f"{one[key] / 2**20:.0f}" for key in ("before", "after")),
        )
        for name, one in found.items()
    ]
    yield from markdown(columns, rows)


def fuzzed(results: Results) -> Iterator[str]:
    """Return how long another client waits for random requests in each mode, and the memory before and after them."""
    found: Mapping[str, Mapping[str, Any]] = results.get("fuzzed", {})
    if not found:
        yield "Not measured in the last run."
        return
    columns = ("mode", "requests", "wrong answers", "others wait, ms", "memory before, MiB", "after, MiB")
    rows = [
        (
            mode,
            f"{one['requests']:,}",
            str(len(one["wrong"])),
            f"{one['waited'] * 1000:.0f}",
            *(f"{one[key] / 2**20:.0f}" for key in ("before", "after")),
        )
        for mode, one in found.items()
    ]
    yield from markdown(columns, rows)


def where(results: Results) -> str:
    """Return when and on what a run was."""
    machine = results["machine"]
    built = "" if machine.get("optimized", True) else ", built without profile-guided optimization"
    return (
        f"{results['at'][:10]} on {machine['cores']} cores ({machine['processor']}), Python {machine['python']}{built}"
    )


def spent(results: Results, load: str, name: str) -> float | None:
    """Return the microseconds for an answer; None: it gave none within a round."""
    found: Mapping[str, float] = results.get(load, {}).get(name, {})
    return found["spent"] if found.get("per_second") else None


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Return a table."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def cell(value: float | None) -> str:
    """Return a figure with two digits at least; nothing for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"  # noqa: PLR2004 - two digits are enough


def _judged(one: Mapping[str, Any]) -> str:
    return f"**{one['is']:.3g}**" if one["met"] else f"{one['is']:.3g}"


def _per_second(results: Results, load: str, name: str) -> float:
    found: Mapping[str, float] = results.get(load, {}).get(name, {})
    return found.get("per_second", 0.0)
