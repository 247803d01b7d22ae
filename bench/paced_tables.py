"""The tables of paced streams, and the comparison with an earlier commit, in docs/performance.md."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from bench.servers import LIMIT, OURS
from bench.tables import Results, cell, markdown

_ABSENT: Final = "Not measured in the last run."
_CROWD_OF_EVENTS: Final = "1000 x 20/s"
_CROWD_OF_STREAMS: Final = "5000 x 4/s"


def event(results: Results) -> Iterator[str]:
    """Return the microseconds of each part of a paced event, the system's, all of them, and the limit's."""
    return _table(
        results, "event", _CROWD_OF_EVENTS, "spent", ("us", "uvloop, system calls, begins and ends of streams")
    )


def memory(results: Results) -> Iterator[str]:
    """Return the KB of each part of a paced stream, what else it takes, all of them, and the limit's."""
    return _table(results, "memory", _CROWD_OF_STREAMS, "kb_per_stream", ("KB", "uvloop's connection, the allocator"))


def _table(results: Results, kind: str, crowd: str, key: str, words: tuple[str, str]) -> Iterator[str]:
    found: Mapping[str, float] = results.get("profile", {}).get("paced", {}).get(kind, {})
    if not found:
        yield _ABSENT
        return
    unit, others = words
    servers: Mapping[str, Mapping[str, Any]] = results.get("crowds", {}).get(crowd, {})
    ours, limit = (servers.get(name, {}).get(key) for name in (OURS, LIMIT))
    rest = ours - sum(found.values()) if ours else None
    rows = [*sorted(found.items(), key=lambda one: -one[1]), (others, rest if rest and rest > 0 else None)]
    rows += [("**all**", ours), ("all, in the limit", limit)]
    yield from markdown((f"part, {unit}", crowd), [(name, cell(value)) for name, value in rows])


def against(results: Results) -> Iterator[str]:
    """Return what was measured of an earlier commit beside this one, and the medians of their ratios."""
    found: Mapping[str, Any] = results.get("against", {})
    if not found:
        yield _ABSENT
        return
    yield f"Medians of {found['launches']} launches of each, in turns, at {found['at'][:10]}:"
    yield ""
    rows = [
        (name, cell(one["before"]), cell(one["now"]), f"{one['ratio']:.2f}") for name, one in found["ratios"].items()
    ]
    yield from markdown(("", f"commit {found['commit']}", "now", "now, as a multiple"), rows)
