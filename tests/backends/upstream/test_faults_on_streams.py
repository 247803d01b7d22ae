"""Faults work on an upstream's stream, whatever line ends it has and wherever it is cut."""

import asyncio
import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from chatdouble.core.sse import read_frames
from chatdouble.layers.faults.layer import set_faults
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import chat
from upstreams import DONE, chunk, recording, relaying, streaming, upstream

CALLED = chunk(
    None, delta={"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f", "arguments": '{"a": 1}'}}]}
)
FRAMES = (chunk("one"), chunk("two"), CALLED, chunk(None, finish_reason="stop"), DONE)
WHOLE = b"".join(FRAMES)

LINE_ENDS = {
    "LF": WHOLE,
    "CRLF": WHOLE.replace(b"\n", b"\r\n"),
    "CR": WHOLE.replace(b"\n", b"\r"),
    "mixed": WHOLE.replace(b"\n\n", b"\r\n\n", 2).replace(b"}\n\n", b"}\r\r"),
}


def faulty(stream: bytes, size: int, **fault: Any) -> bytes:
    """Return the bytes that a client receives of an upstream's stream with a fault."""
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    with upstream(streaming(*pieces)) as above, relaying(above) as served:
        return received(served, **fault)


def received(served: RunningServer, **fault: Any) -> bytes:
    """Return the bytes that a client receives of a stream with a fault."""
    specs = [FaultSpec.model_validate(fault)]
    session = served.app.services.sessions.named("sk-test")
    asyncio.run(session.reset())
    asyncio.run(set_faults(session, specs))
    try:
        return chat(served.origin, stream=True).body
    except http.client.IncompleteRead as cut:
        return cut.partial


def values(stream: bytes) -> list[Any]:
    """Return the data of a stream's frames: JSON parsed, anything else as bytes."""
    found: list[Any] = []
    for frame in read_frames(stream):
        try:
            found.append(json.loads(frame.data or b""))
        except ValueError:
            found.append(frame.data)
    return [value for value in found if value is not None]


FAULTS: dict[str, dict[str, Any]] = {
    "disconnect": {"after_chunks": 2},
    "error_event": {"after_chunks": 1},
    "missing_done": {},
    "duplicate_chunk": {},
    "out_of_order_chunks": {},
    "wrong_ids": {},
    "corrupt_tool_arguments": {},
}


@pytest.mark.parametrize("size", [7, 10_000])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_does_the_same_to_a_stream_with_any_line_ends(fault: str, size: int) -> None:
    expected = values(faulty(LINE_ENDS["LF"], size, name=fault, **FAULTS[fault]))
    assert expected != values(WHOLE)
    for name in ("CRLF", "CR", "mixed"):
        assert values(faulty(LINE_ENDS[name], size, name=fault, **FAULTS[fault])) == expected


@pytest.mark.parametrize("ends", LINE_ENDS)
def test_a_fault_does_the_same_to_a_replayed_stream(serve: Serve, tmp_path: Path, ends: str) -> None:
    stream = LINE_ENDS[ends]
    with recording(tmp_path, streaming(stream[:50], stream[50:])) as (_, served):
        chat(served.origin, "sk-recorder", stream=True)
    with serve(recordings=tmp_path) as served:
        for fault, options in FAULTS.items():
            assert received(served, name=fault, **options) == faulty(stream, 10_000, name=fault, **options)


@pytest.mark.parametrize("fault", ["malformed_json", "broken_frame"])
@pytest.mark.parametrize("ends", LINE_ENDS)
def test_a_fault_that_breaks_one_chunk_breaks_the_second_alone(ends: str, fault: str) -> None:
    broken = values(faulty(LINE_ENDS[ends], 7, name=fault))
    first, second, *others = values(WHOLE)
    assert (broken[0], broken[2:]) == (first, others)
    assert isinstance(broken[1], bytes)
    assert second["choices"][0]["delta"]["content"] == "two"


@pytest.mark.parametrize("ends", LINE_ENDS)
def test_a_fault_leaves_line_ends_as_they_are(ends: str) -> None:
    changed = faulty(LINE_ENDS[ends], 7, name="corrupt_tool_arguments")
    assert changed == LINE_ENDS[ends].replace(b'"arguments":"{', b'"arguments":"')
