"""The results in docs/performance.md: `python -m bench.page` writes them from bench/results/latest.json."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench import targets
from bench.payloads import TOOLS, TURNS, WHOLE
from bench.servers import AT_ONCE, LIMIT, OURS

_ROOT: Final = Path(__file__).parent.parent
PAGE: Final = _ROOT / "docs" / "performance.md"
LATEST: Final = _ROOT / "bench" / "results" / "latest.json"

_BEGIN: Final = "<!-- `python -m bench.page` writes what follows from the last run. -->\n"
_END: Final = "<!-- the end of what it writes -->"

_LOADS: Final = {
    WHOLE.name: "1 KB",
    TOOLS.name: "10 KB, 8 tools",
    TURNS.name: "sixth turn",
    "stream": "200-token stream",
}
"""The loads that have a column, with their titles."""
_NAMES: Final = {LIMIT: "the limit", AT_ONCE: "the limit, all at once", OURS: "**chatdouble**"}

Results = Mapping[str, Any]


def rendered(page: str, results: Results) -> str:
    """Return the page with the results in their place."""
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n" + "\n".join(_written(results)) + f"\n\n{_END}{after}"


def _written(results: Results) -> Iterator[str]:
    machine = results["machine"]
    where = f"{machine['cores']} cores ({machine['processor']}), Python {machine['python']}"
    yield f"Measured {results['at'][:10]} on {where}:"
    yield ""
    yield "| goal | wanted | found |"
    yield "| --- | --- | --- |"
    for one in targets.judged(dict(results)):
        found = f"**{one['is']:.3g}**" if one["met"] else f"{one['is']:.3g}"
        yield f"| {one['target']} | {one['wanted']} | {found} |"
    yield ""
    yield from _servers(results)


def _servers(results: Results) -> Iterator[str]:
    """Return the table of all servers, fastest first: microseconds of CPU time for an answer, start and memory."""
    loads = [load for load in _LOADS if load in results]
    yield f"| server | {' | '.join(_LOADS[load] for load in loads)} | first answer, s | idle, MiB |"
    yield f"|{' --- |' * (len(loads) + 3)}"
    for name in sorted(_named(results, loads), key=lambda name: _spent(results, loads[0], name) or float("inf")):
        cells = [_cell(_spent(results, load, name)) for load in loads]
        start = results.get("starts", {}).get(name, {})
        cells += [_cell(start.get(key)) for key in ("seconds", "idle_mib")]
        yield f"| {_NAMES.get(name, name)} | {' | '.join(cells)} |"


def _named(results: Results, loads: Sequence[str]) -> list[str]:
    return [*{name: None for load in loads for name in results[load]}]


def _spent(results: Results, load: str, name: str) -> float | None:
    """Return the microseconds for an answer; None: it gave none within a round."""
    found = results[load].get(name, {})
    return found["spent"] if found.get("per_second") else None


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - two digits are enough


def main() -> None:
    """Write the results into the page."""
    page = PAGE.read_text("utf-8")
    PAGE.write_text(rendered(page, json.loads(LATEST.read_text("utf-8"))), "utf-8")


if __name__ == "__main__":
    main()
