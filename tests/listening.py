"""Listening to the events of a server over a real connection."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2

from chatdouble.core.sse import Reader
from chatdouble.testing.server import RunningServer

Shown = tuple[str, str, Any]


@contextmanager
def listening(server: RunningServer, key: str, query: str = "", seen: str | None = None) -> Generator[Iterator[Shown]]:
    """Listen to the events; yield each as its kind, its id, if it has one, and its data."""
    headers = {"Authorization": f"Bearer {key}", **({"Last-Event-ID": seen} if seen else {})}
    with httpx2.stream("GET", f"{server.origin}/_double/events{query}", headers=headers, timeout=30) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        received = response.iter_bytes()
        assert next(received) == b": listening\r\n\r\n"
        yield _shown(received)


def _shown(received: Iterator[bytes]) -> Iterator[Shown]:
    reader = Reader()
    for piece in received:
        for frame in reader.feed(piece):
            parts = [line.partition(": ") for line in frame.raw.decode().splitlines()]
            fields = {name: value for name, _, value in parts}
            if "event" in fields:
                yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
