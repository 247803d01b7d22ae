"""The parts of a paced event, and of the memory of a paced stream: in this process, without sockets or waiting.

`python -m bench.paced_parts` prints both. The connections are real ones but for their transport, and the event loop
goes on to its next timer at once.
"""

import asyncio
import gc
import selectors
import signal
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Coroutine
from statistics import median
from types import FrameType
from typing import Any, Final, TypeVar

from uvicorn.server import ServerState

from bench.payloads import KEY, STREAM
from chatdouble.backend import notes
from chatdouble.core import histogram
from chatdouble.http import paced_response, pacing
from chatdouble.server import serving
from chatdouble.server.application import create_app
from chatdouble.server.uvicorn_protocol import events, http_response
from chatdouble.settings import Settings
from chatdouble.streaming import frames

T = TypeVar("T")

PARTS: Final[tuple[tuple[str, Any, str], ...]] = (
    ("the queue of timers", events.Ticker, "_tick"),
    ("a response's turn", paced_response.PacedResponse, "_tick"),
    ("what is due, and when the next piece is", pacing.DuePieces, "take"),
    ("a frame", frames.TextBatch, "frame"),
    ("lateness, for the metrics", histogram.Histogram, "observe"),
    ("a chunk, written", http_response.Cycle, "write"),
    ("its time, for the journal", notes.Writes, "add"),
)
"""Parts by name, with their functions. The time of a nested part is not counted again.

They are too small for a clock around each: the time of an event is divided by samples of what runs.
"""

_PLACES: Final = (
    ("uvicorn_protocol/", "the connection and its request"),
    ("/uvicorn/", "the connection and its request"),
    ("/asyncio/", "the connection and its request"),
    ("/streaming/", "frames and the pieces of a text"),
    ("/tokens/", "frames and the pieces of a text"),
    ("chatdouble/http/", "sending, the answer as bytes included"),
    ("chatdouble/", "the call and its place in the journal"),
)
"""Parts of paths, and the parts of a stream that what is allocated there belongs to."""

_STREAMS: Final = 200
_RATE: Final = 20
_ROUNDS: Final = 8
_SECONDS: Final = 6.0
"""Seconds of streams, which pass at once."""
_SAMPLE: Final = 0.0002
"""Seconds between two samples."""


class _Jumping(selectors.SelectSelector):
    """Goes on to the next timer instead of waiting for it."""

    ahead = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.ahead += max(timeout or 0.0, 0.0)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return super().time() + self._jumping.ahead


class _Transport(asyncio.Transport):
    """A connection that takes everything, and counts."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def write(self, data: Any) -> None:
        del data
        self.writes += 1

    def is_closing(self) -> bool:
        return False

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Have no buffer."""


def measure() -> dict[str, dict[str, float]]:
    """Return the microseconds of each part of an event, and the KB of each part of a stream.

    Both are of streams of 200 tokens, while they are under way.
    """
    names = {getattr(owner, function).__code__: name for name, owner, function in PARTS}
    samples = Counter[str]()

    def sample(_signal: int, frame: FrameType | None) -> None:
        while frame and frame.f_code not in names:
            frame = frame.f_back
        samples[names[frame.f_code] if frame else ""] += 1

    before = signal.signal(signal.SIGALRM, sample)
    try:
        spent = median([_event() for _ in range(_ROUNDS)])
    finally:
        signal.signal(signal.SIGALRM, before)
    shares = {name: samples[name] / max(samples.total(), 1) for name, _, _ in PARTS}
    return {"event": {name: spent * share for name, share in shares.items()}, "memory": _held()}


def _event() -> float:
    """Return the microseconds of an event, the event loop's included; samples are taken meanwhile."""

    async def run() -> float:
        transports = _begun()
        await asyncio.sleep(1)
        before, began = sum(one.writes for one in transports), time.thread_time()
        signal.setitimer(signal.ITIMER_REAL, _SAMPLE, _SAMPLE)
        await asyncio.sleep(_SECONDS)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return (time.thread_time() - began) / (sum(one.writes for one in transports) - before) * 1e6

    return _run(run())


def _held() -> dict[str, float]:
    """Return the KB that a stream holds, by where they were allocated."""

    async def run() -> dict[str, float]:
        _begun()  # what is loaded and remembered once
        await asyncio.sleep(1)
        gc.collect()
        tracemalloc.start()
        held = _begun()
        await asyncio.sleep(_SECONDS)
        gc.collect()
        found: defaultdict[str, float] = defaultdict(float)
        for one in tracemalloc.take_snapshot().statistics("filename"):
            path = one.traceback[0].filename
            place = next((name for part, name in _PLACES if part in path), None)
            if place:
                found[place] += one.size / 1024 / len(held)
        tracemalloc.stop()
        return dict(found)

    return _run(run())


def _run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop that never waits, and drop what is left of it."""
    loop = _Loop()
    try:
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


def _begun() -> list[_Transport]:
    """Begin streams at a pace."""
    config = serving.config(create_app(Settings(tokens_per_second=_RATE)))
    config.load()
    kind: Any = config.http_protocol_class
    state, shared, transports = ServerState(), dict[str, Any](), [_Transport() for _ in range(_STREAMS)]
    body = STREAM.encoded()
    head = f"POST {STREAM.path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
    head += f"authorization: Bearer {KEY}\r\ncontent-length: {len(body)}\r\n\r\n"
    for transport in transports:
        spoken = kind(config, state, shared, asyncio.get_running_loop())
        spoken.connection_made(transport)
        spoken.data_received(head.encode() + body)
    return transports


def main() -> None:
    """Print the parts."""
    for kind, found in measure().items():
        for name, value in found.items():
            print(f"{kind}: {name}: {value:.2f}")


if __name__ == "__main__":
    main()
