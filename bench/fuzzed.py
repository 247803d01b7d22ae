"""The requests of the fuzz suite, to a server in each mode: how long another client waits, and what memory is taken."""

import json
import time
import urllib.request
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.holds import SETTLING, waited, warm
from bench.process import HOST, Running, listening, on_core, start, stop
from bench.servers import shipped

if TYPE_CHECKING:
    from bench.suite import Plan
    from fuzz.requests import Request

_MODES: Final[Mapping[str, tuple[str, ...]]] = {
    "strict": (),
    "lenient": ("--validation", "lenient"),
    "off": ("--validation", "off"),
    "script": ("--scripts", "{script}"),
    "script, off": ("--scripts", "{script}", "--validation", "off"),
    "record": ("--mode", "record", "--recordings", "{folder}", "--upstream", "{upstream}"),
    "replay": ("--mode", "replay", "--recordings", "{folder}"),
    "passthrough": ("--mode", "passthrough", "--upstream", "{upstream}"),
    "keys": ("--api-key", "sk-fuzz", "--control-key", "sk-control"),
}
"""The flags of each mode. Replay has the recordings of the mode before."""
_BATCH: Final = 25
_ROUNDS: Final = 3
_SHORT: Final = 0.02
"""The longest wait in seconds after which a batch is not sent again."""
_KEY: Final = "sk-fuzz"
_IN_SESSION: Final = 4
"""Requests between two resets of the session."""


def fuzzed(plan: "Plan", folder: Path) -> dict[str, Any]:
    """Return what each mode answered, the longest wait of another client, and the memory before and after.

    Each batch of requests is repeated while a wait is long, and the round with the least wait counts, as other
    programs can only add to one.
    """
    (folder / "recorded").mkdir()
    found: dict[str, Any] = {}
    requests: list[Request] = []
    for mode in _MODES:
        with _serving(mode, folder) as server, on_core(-1):
            requests = requests or _requests(server, plan.fuzzed)
            found[mode] = _measured(server, requests)
    return found


@contextmanager
def _serving(mode: str, folder: Path) -> Generator[Running]:
    from fuzz.seeds import SCRIPT  # noqa: PLC0415 - of the tests, which are on the path of scripts/bench only

    places = {"script": str(folder / "fuzzed.yaml"), "folder": str(folder / "recorded"), "upstream": ""}
    Path(places["script"]).write_text(SCRIPT, "utf-8")
    with ExitStack() as stack:
        if "{upstream}" in _MODES[mode]:
            places["upstream"] = f"http://{HOST}:{_started(stack).port}/v1"
        server = _started(stack, *(flag.format(**places) for flag in _MODES[mode]))
        warm(server)
        yield server


def _started(stack: ExitStack, *flags: str) -> Running:
    server = start(shipped("--preload", *flags))
    stack.callback(stop, server)
    listening(server)
    return server


def _requests(server: Running, number: int) -> "list[Request]":
    """Return random requests to the routes that a server lists, each time the same ones."""
    from hypothesis import HealthCheck, Phase, given, settings  # noqa: PLC0415 - half a second

    from fuzz.requests import requests, routes_of  # noqa: PLC0415 - as in `_serving`

    with urllib.request.urlopen(f"http://{HOST}:{server.port}/openapi.json") as answer:
        routes = routes_of(json.load(answer))
    found: list[Request] = []

    @settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example),
    )
    @given(requests(routes))
    def collect(request: "Request") -> None:
        found.append(request)

    collect()
    return found


def _measured(server: Running, requests: "Sequence[Request]") -> dict[str, Any]:
    before, longest = server.resident(), 0.0
    wrong: list[str] = []
    for at in range(0, len(requests), _BATCH):
        send = partial(_complaints, f"http://{HOST}:{server.port}", requests[at : at + _BATCH])
        complaints, least = waited(server.port, send)
        for _ in range(_ROUNDS - 1):
            if least > _SHORT:
                least = min(least, waited(server.port, send)[1])
        wrong += complaints
        longest = max(longest, least)
    time.sleep(SETTLING)
    return {
        "requests": len(requests),
        "wrong": wrong,
        "waited": longest,
        "before": before,
        "after": server.resident(),
    }


def _complaints(origin: str, batch: "Sequence[Request]") -> list[str]:
    """Send requests, a few in each session; return what is wrong with their answers."""
    from fuzz.judging import complaint  # noqa: PLC0415 - as in `_serving`
    from fuzz.requests import sent  # noqa: PLC0415 - as in `_serving`
    from raw import ask  # noqa: PLC0415 - as in `_serving`

    found: list[str] = []
    for at in range(0, len(batch), _IN_SESSION):
        ask(origin, "POST", "/_double/reset", None, {"authorization": f"Bearer {_KEY}"})
        overridden = False
        for request in batch[at : at + _IN_SESSION]:
            overridden = overridden or request.is_control
            wrong = complaint(sent(origin, request, _KEY), overridden=overridden and not request.is_control)
            found += [f"{wrong}: {request}"] if wrong else []
    return found
