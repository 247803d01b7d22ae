"""Recorded streams, folded and sliced again: the same shapes in the same order."""

import json
from itertools import groupby
from pathlib import Path
from typing import Any, Final, cast

import pytest

from calls import call
from chatdouble.schema.chunk import Chunk
from chatdouble.streaming.fold import fold
from chatdouble.streaming.frames import DONE, Framer
from chatdouble.streaming.slice import slices

EXCHANGES: Final = Path(__file__).parents[3] / "shared" / "reference" / "exchanges.jsonl"

EDITED: Final = "chatcmpl-E3sGF577gSw6Gdwhv6IS5eC14yUOO"
"""The one stream whose padding does not fit its chunk (streams#obfuscation: 43,907 of 43,908 fit)."""


def recorded() -> list[Any]:
    """Return the recorded streams, each with its request."""
    if not EXCHANGES.exists():
        reason = pytest.mark.skip(
            "the recorded exchanges (../shared/reference/exchanges.jsonl) are not beside the clone"
        )
        return [pytest.param(None, marks=reason)]
    rows = [json.loads(line) for line in EXCHANGES.read_text().splitlines()]
    return [pytest.param(row, id=f"{at}") for at, row in enumerate(rows) if "response_sse" in row]


def chunks_of(stream: str) -> list[Chunk]:
    return [json.loads(frame[6:]) for frame in stream.split("\n\n") if frame and frame != "data: [DONE]"]


def shape(value: Any) -> Any:
    """Return the keys of a value in order, without the lengths of lists; null and "" differ from other values."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return tuple((key, shape(held)) for key, held in items if key != "obfuscation")
    if isinstance(value, list):
        return [shape(held) for held in cast("list[object]", value)[:1]]
    return repr(value) if value in (None, "") else "..."


def shapes(chunks: list[Chunk]) -> list[Any]:
    """Return the chunks' shapes without repetitions, since texts may have more or fewer tokens."""
    return [found for found, _ in groupby(map(shape, chunks))]


def as_now(chunk: Chunk) -> Chunk:
    """Return a chunk of an old recording in the form since 2024-12: with `refusal` in first deltas."""
    for choice in chunk["choices"]:
        delta = choice["delta"]
        if "role" in delta and delta != {"role": "assistant", "content": None}:
            delta.setdefault("refusal", None)
    return chunk


@pytest.mark.parametrize("row", recorded())
def test_a_recorded_stream_is_sliced_into_the_same_shapes_again(row: dict[str, Any]) -> None:
    request = {key: row["request_body"].get(key) for key in ("model", "stream_options")}
    asked = call(stream=True, **{key: value for key, value in request.items() if value is not None})
    chunks = chunks_of(row["response_sse"])
    again = list(slices(fold(chunks), asked))
    assert shapes(again) == shapes([as_now(chunk) for chunk in chunks])
    assert fold(again) == fold(chunks)


@pytest.mark.parametrize("row", recorded())
def test_a_recorded_stream_is_framed_and_padded_by_the_same_rule(row: dict[str, Any]) -> None:
    stream: str = row["response_sse"]
    chunks = chunks_of(stream)
    padded = "obfuscation" in chunks[0]
    asked = call(stream=True, stream_options={"include_obfuscation": padded})
    again = b"".join(Framer(asked).frames(chunks)).decode()
    assert stream.encode().endswith(DONE)
    if not padded:
        assert again == stream
        return
    if EDITED not in stream:
        assert [len(frame) for frame in again.split("\n\n")] == [len(frame) for frame in stream.split("\n\n")]
    assert unpadded(again) == unpadded(stream)


def unpadded(stream: str) -> list[str]:
    return [frame.partition(',"obfuscation":')[0] for frame in stream.split("\n\n")]
