"""The servers of our own that are measured: as shipped, set up in some way, bare, and the limit."""

import json
import sys
from pathlib import Path
from typing import Final

from bench.payloads import TEXT, Load
from bench.process import Running, Spec

_ROOT: Final = Path(__file__).parent.parent
OURS: Final = "chatdouble"
LIMIT: Final = "limit"
AT_ONCE: Final = "limit, all at once"
"""The limit that sends a stream in one message."""
_QUIET: Final = ("--log-level", "warning")
"""Peers are measured without a line per request too."""


def shipped(*flags: str, name: str = OURS, beside: Running | None = None, spread: bool = False) -> Spec:
    """Return the server as it is shipped, with flags of `serve`; the rest is as in `Spec`."""
    words = [sys.executable, "-m", "chatdouble", "serve", *_QUIET, *flags]
    return Spec(name, lambda port: [*words, "--port", str(port)], beside=beside, spread=spread)


def bare() -> Spec:
    """Return the server without journal, metrics and limits."""
    return Spec("bare", lambda port: [sys.executable, "-m", "bench.bare", str(port)], folder=_ROOT)


def limit(folder: Path, manner: str = "", name: str = LIMIT) -> Spec:
    """Return the limit.

    Args:
        folder: Where its answers are, one file a load, see `answer_file`.
        manner: How it sends them: "" whole, `/frames`, `/at-once` or `/paced/RATE`.
        name: Its name in the results.
    """
    return Spec(
        name,
        lambda port: [sys.executable, "-m", "bench.limit", str(port), folder],
        folder=_ROOT,
        path=lambda load: f"/{answer_file(load)}{manner}",
    )


def answer_file(load: Load) -> str:
    """Return the name of the file with the limit's answer to a load."""
    return load.name.replace(" ", "-").replace(",", "")


def script(folder: Path, rules: int) -> Path:
    """Write a script of so many rules, of which the last answers every load.

    Half of the others ask for a whole text, half for words in it, as scripts of many tests do.
    """
    written = [
        {
            "when": {"user": {"equals": f"question number {at}"} if at % 2 else {"contains": f"order {at} of"}},
            "reply": "-",
        }
        for at in range(rules - 1)
    ]
    file = folder / f"{rules}-rules.json"
    file.write_text(json.dumps({"rules": [*written, {"when": {"model": "gpt-4o"}, "reply": TEXT}]}), "utf-8")
    return file
