"""Recorded bodies that nothing delays: they are sent at once, and noted as those are that come piece by piece."""

import asyncio
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from chatdouble.server.entry import Entry
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import chat

HELLO: Final = [
    {"id": "x", "object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}}]}
    for text in ("Hel", "lo")
]
BODIES: Final[dict[str, dict[str, Any]]] = {
    "JSON": {"headers": {"content-type": "application/json"}, "body": {"at": 0.001, "json": {"id": "x", "n": 1}}},
    "a stream": {
        "headers": {"content-type": "text/event-stream"},
        "stream": [*({"at": 0.001, "data": data} for data in HELLO), {"data": "[DONE]"}],
    },
    "a stream with an empty piece": {
        "headers": {"content-type": "text/event-stream"},
        "stream": [{"data": HELLO[0]}, {"text": ""}, {"text": "data: half"}],
    },
    "a text": {"headers": {"content-type": "text/plain"}, "body": {"text": "plain"}},
    "half a JSON": {"headers": {"content-type": "application/json"}, "body": {"text": '{"id": '}},
    "nothing": {"headers": {"content-type": "application/json"}, "body": {"text": ""}},
    "an error": {"status": 429, "headers": {"retry-after": "7"}, "body": {"json": {"error": {"code": "slow"}}}},
    "more than a connection takes": {
        "headers": {"content-type": "application/json"},
        "body": {"json": {"id": "x", "text": "y" * 70_000}},
    },
}


def _told(served: RunningServer) -> tuple[bytes, dict[str, Any], list[tuple[int, str | None]]]:
    """Return an answer, its journal entry without what differs from answer to answer, and the chunks."""
    answer = chat(served.origin)
    entry = asyncio.run(_ended(served))
    chunks = asyncio.run(served.app.journal.chunks("sk-test", entry["id"]))
    told = {key: value for key, value in entry.items() if key not in ("id", "at", "milliseconds", "headers")}
    told["first_chunk"] = "first_chunk" in told
    return answer.body, told, [(chunk["bytes"], chunk.get("text")) for chunk in chunks]


async def _ended(served: RunningServer) -> Entry:
    """Return the newest entry when its answer has ended, which may be after the client has it."""
    while True:
        entry = (await served.app.journal.entries("sk-test"))[-1]
        if entry["ended"] != "in flight":
            return entry
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("recorded", BODIES.values(), ids=BODIES)
def test_what_is_sent_and_noted_is_the_same_with_and_without_a_pace(
    serve: Serve, tmp_path: Path, recorded: dict[str, Any]
) -> None:
    (tmp_path / "one.json").write_bytes(orjson.dumps([{"reply": {"recorded": recorded}}]))
    with serve(recordings=tmp_path, replay_speed=0) as at_once, serve(recordings=tmp_path, replay_speed=1e6) as paced:
        first = _told(at_once)
        assert first == _told(paced)
        assert first[1]["ended"] == "completed"
        assert b"".join(text.encode() for _, text in first[2] if text) == first[0][: 16 * 1024]
        # It is read once and noted each time.
        again = _told(at_once)
        assert (again[0], again[1]["response"], again[2]) == (first[0], first[1]["response"], first[2])
