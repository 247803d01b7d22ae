"""The server beside itself as it was: `python -m bench.against COMMIT` measures both in turns.

The commit is checked out into bench/.before, and serves with the libraries that are installed. It needs a command
`chatdouble serve --port`. The ratios are written into the results, and the pages are made anew.
"""

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import page
from bench.payloads import STREAM, TOOLS, WHOLE
from bench.process import Spec, allow_many_files
from bench.suite import Plan, launched, race

_ROOT: Final = Path(__file__).parent.parent
_BEFORE: Final = Path(__file__).parent / ".before"
_LAUNCHES: Final = 15
_PLAN: Final = Plan(rounds=3)
_QUIET: Final = "--log-level"
_UNITS: Final = {WHOLE.name: "us", TOOLS.name: "us", STREAM.name: "us", "first answer": "s", "idle memory": "MiB"}


def measure(commit: str, launches: int = _LAUNCHES, plan: Plan = _PLAN) -> dict[str, Any]:
    """Return what an answer, a start and an idle process take, before and now, and the medians of the ratios.

    Args:
        commit: The commit, by any name that git knows.
        launches: How often each is started: what a process takes varies from launch to launch.
        plan: The length of each race.

    Raises:
        RuntimeError: One of the two does not answer.
        CalledProcessError: Git does not know the commit.
    """
    specs = [_spec("before", checked_out(commit)), _spec("now", _ROOT)]
    pairs: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for launch in range(launches):
        order = specs if launch % 2 == 0 else specs[::-1]
        for load in (WHOLE, TOOLS, STREAM):
            found = race(order, load, plan)
            pairs[load.name].append(_pair(found, "spent"))
        started = {spec.name: launched(spec) for spec in order}
        pairs["first answer"].append(_pair(started, "seconds"))
        pairs["idle memory"].append(_pair(started, "idle_mib"))
    return {
        "commit": _git("rev-parse", "--short", commit),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "launches": launches,
        "ratios": {f"{name}, {_UNITS[name]}": _medians(both) for name, both in pairs.items()},
    }


def _pair(found: dict[str, dict[str, Any]], key: str) -> tuple[float, float]:
    for name, one in found.items():
        if key not in one:
            raise RuntimeError(f"{name}: {one.get('failed', 'it gave no answer')}")
    return found["before"][key], found["now"][key]


def _medians(pairs: Sequence[tuple[float, float]]) -> dict[str, float]:
    return {
        "before": round(median(before for before, _ in pairs), 3),
        "now": round(median(now for _, now in pairs), 3),
        "ratio": round(median(now / before for before, now in pairs), 3),
    }


def checked_out(commit: str) -> Path:
    """Check a commit out beside the benchmark; return its folder."""
    if _BEFORE.exists():
        _git("-C", str(_BEFORE), "checkout", "--quiet", "--detach", commit)
    else:
        _git("worktree", "add", "--force", "--detach", str(_BEFORE), commit)
    return _BEFORE


def _spec(name: str, tree: Path) -> Spec:
    """Return a tree's server, without a line for each request if it has such a switch."""
    path = os.pathsep.join(str(tree / part) for part in ("app", "backends"))
    words = [sys.executable, "-m", "chatdouble", "serve"]
    told = subprocess.run(
        [*words, "--help"], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    quiet = (_QUIET, "warning") if _QUIET in told.stdout else ()
    return Spec(name, lambda port: [*words, "--port", str(port), *quiet], environ=lambda _: {"PYTHONPATH": path})


def _git(*words: str) -> str:
    asked = ["git", "-C", str(_ROOT), *words]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def main(commit: str) -> None:
    """Measure, print the ratios, and write them into the results and the pages."""
    allow_many_files()
    found = measure(commit)
    for name, one in found["ratios"].items():
        print(f"{name}: {one['before']:g} before, {one['now']:g} now, {one['ratio']:.2f} of it")
    results = json.loads(page.LATEST.read_text("utf-8"))
    page.LATEST.write_text(json.dumps({**results, "against": found}, indent=2) + "\n", "utf-8")
    page.main()


if __name__ == "__main__":
    main(*sys.argv[1:])
