"""Answers a second: `wrk` asks one server after another, round after round, each for a moment."""

import json
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench.payloads import COUNTER, KEY, Load
from bench.process import HOST, Running, on_core

_SCRIPT: Final = Path(__file__).parent / "post.lua"
_NOTHING: Final[Mapping[str, Any]] = {"requests": 0, "seconds": 1.0, "refused": 0, "errors": 1}


@dataclass(frozen=True, slots=True)
class Round:
    """One server's results of one round.

    Attributes:
        per_second: Answers a second.
        spent: Processor time of the server for one answer, in microseconds.
        beside: The same of the server that it asks itself.
        refused: Answers with an error status.
        errors: Requests that got no answer.
    """

    per_second: float
    spent: float
    beside: float
    refused: int
    errors: int


class NoWrkError(RuntimeError):
    """`wrk` is not installed."""


def measure(
    servers: Sequence[Running], load: Load, *, rounds: int, seconds: float, connections: int
) -> dict[str, list[Round]]:
    """Ask servers in turn, the order reversed every second round.

    Args:
        servers: The servers.
        load: What they are asked.
        rounds: How often each is asked.
        seconds: How long each time.
        connections: Over how many connections at once.

    Returns:
        The rounds of each server, by its name.

    Raises:
        NoWrkError: There is nothing to ask with.
    """
    if shutil.which("wrk") is None:
        raise NoWrkError("wrk is not installed; on Debian: apt-get install wrk")
    found: defaultdict[str, list[Round]] = defaultdict(list)
    with tempfile.NamedTemporaryFile() as file:
        file.write(load.encoded())
        file.flush()
        for number in range(rounds):
            for server in servers if number % 2 == 0 else reversed(servers):
                url = f"http://{HOST}:{server.port}{server.spec.path(load)}"
                before, beside = server.spent(), _beside(server)
                said = _wrk(url, file.name, seconds, connections)
                found[server.spec.name].append(_round(said, server.spent() - before, _beside(server) - beside))
    return dict(found)


def _beside(server: Running) -> float:
    return server.spec.beside.spent() if server.spec.beside else 0.0


def _wrk(url: str, body: str, seconds: float, connections: int) -> Mapping[str, Any]:
    """Let wrk ask a server for a while; a server that is gone gives no answers."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout=5s", "-s", str(_SCRIPT)]
    try:
        with on_core(1):
            done = subprocess.run(
                [*command, url, "--", body, KEY, COUNTER], capture_output=True, check=True, timeout=seconds + 30
            )
    except subprocess.SubprocessError:
        return _NOTHING
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said


def _round(said: Mapping[str, Any], spent: float, beside: float) -> Round:
    each = 1e6 / max(said["requests"], 1)
    return Round(said["requests"] / said["seconds"], spent * each, beside * each, said["refused"], said["errors"])


def ratio(ours: Sequence[Round], others: Sequence[Round]) -> float | None:
    """Return how many times as many answers the first gives, the median of their rounds side by side.

    None: the others gave none in most rounds.
    """
    pairs = [(our.per_second, other.per_second) for our, other in zip(ours, others, strict=True) if other.per_second]
    return round(median(our / other for our, other in pairs), 3) if len(pairs) > len(others) / 2 else None


def summary(rounds: Sequence[Round]) -> dict[str, float]:
    """Return the medians of rounds, and the sums of what went wrong."""
    return {
        "per_second": round(median(one.per_second for one in rounds), 1),
        "spent": round(median(one.spent for one in rounds), 1),
        **({"beside": round(beside, 1)} if (beside := median(one.beside for one in rounds)) else {}),
        "refused": sum(one.refused for one in rounds),
        "errors": sum(one.errors for one in rounds),
    }
