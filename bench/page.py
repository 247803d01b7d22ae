"""The results in the documentation: `python -m bench.page` writes them from bench/results.

A page has a block for each table, between `<!-- bench: NAME -->` and `<!-- bench ends -->`.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from bench import capacity, history, paced_tables, plot, tables
from bench.tables import Results

_ROOT: Final = Path(__file__).parent.parent
PAGES: Final = tuple(
    _ROOT / name for name in ("README.md", "docs/performance.md", "docs/replicas.md", "docs/security.md")
)
PLOT: Final = _ROOT / "docs" / "performance.svg"
LATEST: Final = _ROOT / "bench" / "results" / "latest.json"

BLOCKS: Final[Mapping[str, Callable[[Results], Iterator[str]]]] = {
    "goals": tables.goals,
    "servers": tables.servers,
    "missed": tables.missed,
    "parts": tables.parts,
    "event": paced_tables.event,
    "memory": paced_tables.memory,
    "start": tables.start,
    "against": paced_tables.against,
    "speed": tables.speed,
    "holds": tables.holds,
    "fuzzed": tables.fuzzed,
    "states": capacity.states,
    "sizes": capacity.sizes,
    "ten thousand": capacity.ten_thousand,
}
"""The functions that make each block."""
_BLOCK: Final = re.compile(r"(<!-- bench: ([a-z ]+) -->\n).*?(<!-- bench ends -->)", re.DOTALL)


def rendered(page: str, results: Results) -> str:
    """Return a page with the results in their places."""

    def written(block: re.Match[str]) -> str:
        lines = "\n".join(BLOCKS[block[2]](results))
        return f"{block[1]}\n{lines}\n\n{block[3]}"

    return _BLOCK.sub(written, page)


def main() -> None:
    """Write the results into the pages, and the history into its plot."""
    results = json.loads(LATEST.read_text("utf-8"))
    for page in PAGES:
        page.write_text(rendered(page.read_text("utf-8"), results), "utf-8")
    PLOT.write_text(plot.drawn(history.read(LATEST.parent)), "utf-8")


if __name__ == "__main__":
    main()
