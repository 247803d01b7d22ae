"""The profile names functions that exist."""

import pytest
from bench.parts import LOADS, PARTS

from bench import paced_parts, parts


@pytest.mark.parametrize("named", [PARTS, paced_parts.PARTS])
def test_every_part_has_a_function(named: tuple[tuple[str, object, str], ...]) -> None:
    assert [name for name, owner, function in named if not callable(getattr(owner, function, None))] == []


def test_a_response_and_its_stream_have_parts_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_ROUNDS", 2)
    monkeypatch.setattr(parts, "_REQUESTS", 3)
    whole, stream = parts.measure(LOADS["response"]), parts.measure(LOADS["response-stream"])
    assert {"a response, made of the completion", "what is kept of a response", "all"} <= whole.keys() & stream.keys()
    assert "encoding a whole answer" in whole.keys() - stream.keys()
    assert "a stream's frames" in stream.keys() - whole.keys()


def test_a_stream_of_chunks_has_its_frames_among_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_ROUNDS", 2)
    monkeypatch.setattr(parts, "_REQUESTS", 3)
    whole, stream = parts.measure(LOADS["whole"]), parts.measure(LOADS["stream"])
    assert "a stream's frames" in stream.keys() - whole.keys()


def test_a_paced_stream_has_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paced_parts, "_STREAMS", 2)
    monkeypatch.setattr(paced_parts, "_ROUNDS", 1)
    found = paced_parts.measure()
    assert [*found["event"]] == [name for name, _, _ in paced_parts.PARTS]
    assert sum(found["event"].values()) > 0
    assert min(found["memory"].values()) > 0
