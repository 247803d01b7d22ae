"""The history of results: one line of JSON for each run, with what became of every target."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

HISTORY: Final = "history.jsonl"
"""The file beside the results."""


def add(results: Mapping[str, Any], folder: Path) -> None:
    """Append a run to the history in a folder."""
    run = {
        "at": results["at"],
        "commit": _commit(),
        "processor": results["machine"]["processor"],
        "python": results["machine"]["python"],
        "targets": {one["target"]: one["is"] for one in results["targets"]},
    }
    with (folder / HISTORY).open("a", encoding="utf-8") as file:
        file.write(json.dumps(run) + "\n")


def _commit() -> str:
    """Return the commit that is checked out; empty: this is no clone."""
    asked = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
