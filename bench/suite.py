"""The measurements. Each is a function that starts its servers and returns its results."""

import shutil
import tempfile
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from http.client import HTTPException
from pathlib import Path
from statistics import median
from typing import Any, Final

from bench import imports, paced, paced_parts, parts, servers, throughput
from bench.paced import Crowd
from bench.payloads import (
    BRIEF_STREAM,
    HELLO,
    RESPONSE,
    RESPONSE_STREAM,
    SHORT_STREAM,
    STREAM,
    TOOLS,
    TURNS,
    WHOLE,
    Load,
)
from bench.process import Answer, Running, Spec, first_answer, listening, on_core, running, start, stop
from bench.servers import AT_ONCE, OURS

Found = dict[str, Any]

_LOADS: Final = (HELLO, WHOLE, TOOLS, TURNS, RESPONSE, STREAM, SHORT_STREAM, BRIEF_STREAM, RESPONSE_STREAM)


@dataclass(frozen=True, slots=True)
class Plan:
    """The length of a run.

    Attributes:
        rounds: Rounds per server.
        seconds: Seconds per round.
        starts: Starts per server.
        crowds: The paced streams, with the request of each.
        crowd_rounds: Runs per crowd.
        crowd: The paced streams that processes are sized by, which run once.
        sessions: Sessions whose memory is measured.
        fuzzed: Random requests to each mode.
        peers: The installed peers.
    """

    rounds: int = 7
    seconds: float = 1.0
    starts: int = 5
    crowds: tuple[tuple[Crowd, Load], ...] = (
        (Crowd(1000, 20, 5), STREAM),
        (Crowd(5000, 4, 15), SHORT_STREAM),
    )
    crowd_rounds: int = 3
    crowd: Crowd = field(default_factory=partial(Crowd, 10_000, 1, 40))
    sessions: int = 10_000
    fuzzed: int = 2_000
    peers: Sequence[Spec] = field(default=())


_CLOSELY: Final = 4
"""Factor of rounds for small differences."""
_SETTLES: Final = 1.0
"""Seconds in which a server ends what its first answer began in a thread."""
_CONNECTIONS: Final = 16
_STREAMS: Final = 8
"""Connections at once, for whole answers and for streams."""

QUICK: Final = Plan(
    rounds=1,
    starts=1,
    crowds=((Crowd(5, 100, 0.1), SHORT_STREAM),),
    crowd_rounds=1,
    crowd=Crowd(5, 100, 0.1),
    sessions=100,
    fuzzed=20,
)


@contextmanager
def answers() -> Generator[Path]:
    """Save our server's answers, for the limit to repeat."""
    folder = Path(tempfile.mkdtemp())
    try:
        with running(servers.shipped(), WHOLE) as server:
            for load in _LOADS:
                (folder / servers.answer_file(load)).write_bytes(server.ask(load).body)
        yield folder
    finally:
        shutil.rmtree(folder)


def whole(plan: Plan, folder: Path, load: Load) -> Found:
    """Measure whole answers: ours, the limit's, the peers'."""
    return race([servers.limit(folder), servers.shipped(), *plan.peers], load, plan)


def streams(plan: Plan, folder: Path, load: Load) -> Found:
    """Measure streams without pace; what is counted besides is chunks."""
    specs = [
        servers.limit(folder, "/frames"),
        servers.limit(folder, "/at-once", AT_ONCE),
        servers.shipped(),
        *plan.peers,
    ]
    return race(specs, load, plan)


def scripts(plan: Plan, _: Path) -> Found:
    """Measure what a thousand rules cost over ten."""
    with tempfile.TemporaryDirectory() as folder:
        specs = [
            servers.shipped("--scripts", str(servers.script(Path(folder), rules)), name=f"{rules} rules")
            for rules in (10, 1000)
        ]
        return race(specs, WHOLE, _closely(plan))


def features(plan: Plan, _: Path) -> Found:
    """Measure what journal, metrics and limits cost."""
    return race([servers.bare(), servers.shipped()], WHOLE, _closely(plan))


def _closely(plan: Plan) -> Plan:
    """Return a plan with more rounds, for differences smaller than a machine's own from one second to the next."""
    return replace(plan, rounds=plan.rounds * _CLOSELY)


def crowds(plan: Plan, folder: Path) -> Found:
    """Measure paced streams, ours and the limit's, and what memory each holds."""
    paced.build()
    found: Found = {}
    for crowd, load in plan.crowds:
        specs = (
            servers.limit(folder, f"/paced/{crowd.rate}"),
            servers.shipped("--tokens-per-second", str(crowd.rate)),
        )
        frames = len(Answer(200, (folder / servers.answer_file(load)).read_bytes()).frames)
        rounds: defaultdict[str, list[Found]] = defaultdict(list)
        for _ in range(plan.crowd_rounds):
            for spec in specs:
                with running(spec, HELLO) as server:
                    time.sleep(_SETTLES)
                    rounds[spec.name].append(paced.measure(server, load, crowd, frames))
        found[f"{crowd.streams} x {crowd.rate}/s"] = {name: _medians(all_of) for name, all_of in rounds.items()}
    return found


def starts(plan: Plan, folder: Path) -> Found:
    """Measure the time to the first answer, and the memory before it."""
    specs = [servers.limit(folder), servers.shipped(), *plan.peers]
    rounds: defaultdict[str, list[Found]] = defaultdict(list)
    failed: Found = {}
    for number in range(plan.starts):
        for spec in specs if number % 2 == 0 else reversed(specs):
            try:
                rounds[spec.name].append(launched(spec))
            except RuntimeError as error:
                failed[spec.name] = {"failed": str(error)}
    return {**failed, **{name: _medians(all_of) for name, all_of in rounds.items()}}


def profile(_: Plan, __: Path) -> Found:
    """Measure the parts of an answer, of a paced stream, and of a start."""
    with on_core(0):
        found = {load.name: parts.measure(load) for load in parts.LOADS.values()}
        paced_found = paced_parts.measure()
    return {"parts": found, "paced": paced_found, "start": imports.measure()}


def launched(spec: Spec) -> Found:
    """Return the seconds from a start to the first answer, and the memory of a server that was asked nothing."""
    server = start(spec)
    try:
        seconds = first_answer(server, WHOLE)
    finally:
        stop(server)
    idle = start(spec)
    try:
        listening(idle)
        return {"seconds": seconds, "idle_mib": idle.resident() / 2**20}
    finally:
        stop(idle)


def race(specs: Sequence[Spec], load: Load, plan: Plan) -> Found:
    """Ask servers in turn; those that do not start or answer are listed with their reason."""
    found: Found = {}
    chunks: dict[str, int] = {}
    with ExitStack() as stack:
        ready: list[Running] = []
        for spec in specs:
            try:
                server = stack.enter_context(running(spec, load))
                chunks[spec.name] = len(server.ask(load, timeout=60).frames)
            except (RuntimeError, OSError, HTTPException) as error:
                found[spec.name] = {"failed": str(error)}
            else:
                ready.append(server)
        connections = _STREAMS if load.streams else _CONNECTIONS
        rounds = throughput.measure(ready, load, rounds=plan.rounds, seconds=plan.seconds, connections=connections)
    ours = rounds.get(OURS) or next(iter(rounds.values()), list[throughput.Round]())
    for name, all_of in rounds.items():
        told = throughput.summary(all_of)
        found[name] = {**told, "ours": throughput.ratio(ours, all_of)}
        if load.streams:
            found[name]["chunks"] = chunks[name]
            found[name]["chunks_per_second"] = round(told["per_second"] * chunks[name])
    return found


def _medians(rounds: Sequence[Found]) -> Found:
    return {key: round(median(one[key] for one in rounds), 3) for key in rounds[0]}
