"""Faults of streams whose lines end in CRLF, as some upstreams send them."""

import pytest

from chatdouble.backend.delivery import Abort, Timed
from chatdouble.layers.faults.base import is_done
from chatdouble.scripts.format.faults import FAULT_OPTIONS
from pieces import fault, greeting, stream

CALLS = [{"index": 0, "id": "call_0", "type": "function", "function": {"name": "look", "arguments": '{"a":1}'}}]
STREAM = [*stream({"role": "assistant", "content": None}, {"tool_calls": CALLS}, {"content": "x"})]
IN_TIME = {"slow_body", "split_frames"}
"""Faults whose pieces depend on the number of bytes."""


def with_crlf(frames: list[Timed]) -> list[Timed]:
    return [(due, piece.replace(b"\n", b"\r\n") if isinstance(piece, bytes) else piece) for due, piece in frames]


@pytest.mark.parametrize("name", [name for name in FAULT_OPTIONS if name != "error" and name not in IN_TIME])
@pytest.mark.parametrize("frames", [greeting(), STREAM], ids=["text", "tool call"])
def test_a_fault_does_the_same_to_lines_that_end_in_crlf(name: str, frames: list[Timed]) -> None:
    expected = [*fault(name).on_frames(iter(frames))]
    assert [*fault(name).on_frames(iter(with_crlf(frames)))] == with_crlf(expected)


@pytest.mark.parametrize("name", sorted(IN_TIME))
def test_a_fault_of_timing_sends_the_same_bytes_of_lines_that_end_in_crlf(name: str) -> None:
    frames = with_crlf(greeting())
    left = [*fault(name).on_frames(iter(frames))]
    assert b"".join(piece for _, piece in left if isinstance(piece, bytes)) == b"".join(
        piece for _, piece in frames if isinstance(piece, bytes)
    )
    assert len(left) > len(frames)


def test_the_end_of_a_stream_is_found_whatever_its_form() -> None:
    for end in (b"data: [DONE]\n\n", b"data: [DONE]\r\n\r\n", b"data:[DONE]\n\n"):
        assert is_done(end)
    for other in (b"data: {}\n\n", b": [DONE]\n\n", b'data: "[DONE]"\n\n'):
        assert not is_done(other)
    assert not is_done(Abort.STALL)
