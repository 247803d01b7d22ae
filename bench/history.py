"""The history of results: one line of JSON for each run, with what servers spent and what became of every target."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bench.payloads import STREAM, TOOLS, TURNS, WHOLE
from bench.tables import spent

HISTORY: Final = "history.jsonl"
"""The file beside the results."""

Run = Mapping[str, Any]


def add(results: Mapping[str, Any], folder: Path) -> None:
    """Append a run to the history in a folder."""
    with (folder / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(run(results, _commit())) + "\n")


def run(results: Mapping[str, Any], commit: str) -> Run:
    """Return the line of a run: microseconds of each server for an answer, and what was reached of each target."""
    loads = [load.name for load in (WHOLE, TOOLS, TURNS, STREAM) if load.name in results]
    figures = {load: {name: spent(results, load, name) for name in results[load]} for load in loads}
    return {
        "at": results["at"],
        "commit": commit,
        "processor": results["machine"]["processor"],
        "python": results["machine"]["python"],
        "spent": {load: {name: us for name, us in found.items() if us} for load, found in figures.items()},
        "targets": {one["target"]: one["is"] for one in results["targets"]},
    }


def read(folder: Path) -> Sequence[Run]:
    """Return the runs in a folder, the oldest first."""
    file = folder / HISTORY
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def _commit() -> str:
    """Return the commit that is checked out; empty: this is no clone."""
    asked = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
