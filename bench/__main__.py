"""`python -m bench`: measure, print tables, write JSON."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from http.client import HTTPException
from pathlib import Path
from subprocess import SubprocessError
from typing import Any, Final

from bench import fuzzed, history, holds, peers, replicas, report, suite, targets
from bench.payloads import RESPONSE, RESPONSE_STREAM, STREAM, TOOLS, TURNS, WHOLE
from bench.process import Spec, allow_many_files, running
from bench.suite import Found, Plan

_MEASUREMENTS: Final[dict[str, Callable[[Plan, Path], Found]]] = {
    WHOLE.name: partial(suite.whole, load=WHOLE),
    TOOLS.name: partial(suite.whole, load=TOOLS),
    TURNS.name: partial(suite.whole, load=TURNS),
    RESPONSE.name: partial(suite.whole, load=RESPONSE),
    STREAM.name: partial(suite.streams, load=STREAM),
    RESPONSE_STREAM.name: partial(suite.streams, load=RESPONSE_STREAM),
    "crowds": suite.crowds,
    "starts": suite.starts,
    "scripts": suite.scripts,
    "features": suite.features,
    "states": replicas.states,
    "sessions": replicas.sessions,
    "crowd": replicas.crowd,
    "holds": holds.holds,
    "fuzzed": fuzzed.fuzzed,
    "profile": suite.profile,
}

_FAILURES: Final = (RuntimeError, OSError, ValueError, LookupError, SubprocessError, HTTPException)
"""The errors that end one measurement and not the run."""


def main() -> None:
    """Run what the command line asks for."""
    asked = _arguments()
    allow_many_files()
    failed: dict[str, str] = {}  # what could not be installed or measured, and why
    plan = suite.QUICK if asked.quick else Plan(peers=() if asked.no_peers else _installed(failed))
    results: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": report.machine()}
    with suite.answers() as folder:
        for name in asked.only or _MEASUREMENTS:
            print(f"measuring: {name}", file=sys.stderr)
            try:
                results[name] = _MEASUREMENTS[name](plan, folder)
            except _FAILURES as error:
                failed[name] = f"{type(error).__name__}: {error}"
    results["failed"] = failed
    results["targets"] = targets.judged(results)
    print("\n".join(report.tables(results)))
    if asked.output:
        asked.output.parent.mkdir(exist_ok=True)
        if asked.output.exists():  # what `bench.against` found stays until it is measured again
            former = json.loads(asked.output.read_text("utf-8"))
            results |= {name: former[name] for name in ("against",) if name in former}
        asked.output.write_text(json.dumps(results, indent=2) + "\n", "utf-8")
        history.add(results, asked.output.parent)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the server against its limit and its peers.")
    parser.add_argument("--quick", action="store_true", help="ask for very little, of our own servers only")
    parser.add_argument("--no-peers", action="store_true", help="leave the peers out")
    parser.add_argument("--only", action="append", choices=list(_MEASUREMENTS), help="measure this (repeatable)")
    parser.add_argument("--output", type=Path, help="where to write JSON")
    return parser.parse_args()


def _installed(failed: dict[str, str]) -> list[Spec]:
    """Install the peers and ask each once; those that fail are left out, with the reason."""
    specs: list[Spec] = []
    for peer in peers.PEERS:
        print(f"installing: {peer.name}", file=sys.stderr)
        try:
            peers.install(peer)
            with running(peer.spec(), WHOLE):
                specs.append(peer.spec())
        except _FAILURES as error:
            failed[peer.name] = str(error)
    return specs


if __name__ == "__main__":
    main()
