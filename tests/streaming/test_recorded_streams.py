"""Recorded streams, folded and sliced again: the same shapes in the same order."""

import json
from itertools import groupby
from typing import Any, Final, cast

import pytest

from calls import call
from chatdouble.core.sse import DONE_FRAME
from chatdouble.schema.chunk import Chunk
from chatdouble.streaming.fold import fold
from chatdouble.streaming.frames import Framer
from chatdouble.streaming.slice import slices
from corpora import REFERENCE, full_corpora

FILES: Final = ("exchanges.jsonl", "exchanges-2.jsonl")

EDITED: Final = "chatcmpl-E3sGF577gSw6Gdwhv6IS5eC14yUOO"
"""The one stream whose padding does not fit its chunk (streams#obfuscation: 43,907 of 43,908 fit)."""


def recorded() -> list[Any]:
    """Return the recorded streams, each with its request."""
    if not REFERENCE.exists():
        return [None]  # the test is left out then, and needs a parameter to be counted
    rows = [(name, json.loads(line)) for name in FILES for line in (REFERENCE / name).read_text().splitlines()]
    return [pytest.param(row, id=f"{name}-{at}") for at, (name, row) in enumerate(rows) if _is_openai(row)]


def _is_openai(row: dict[str, Any]) -> bool:
    """Return True if a row is a stream that is not Azure's, which sorts its keys and adds its filters."""
    return "response_sse" in row and "content_filter" not in row["response_sse"]


def chunks_of(stream: str) -> list[Chunk]:
    """Return a stream's chunks, but those of sound that say nothing at all, not even `choices`."""
    chunks = [json.loads(frame[6:]) for frame in stream.split("\n\n") if frame and frame != "data: [DONE]"]
    return [chunk for chunk in chunks if "choices" in chunk or "error" in chunk or not _is_of_sound(stream)]


def _is_of_sound(stream: str) -> bool:
    return '"audio":{"id"' in stream


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
        if "role" in delta and "audio" not in delta and delta != {"role": "assistant", "content": None}:
            delta.setdefault("refusal", None)
    return chunk


@full_corpora
@pytest.mark.parametrize("row", recorded())
def test_a_recorded_stream_is_sliced_into_the_same_shapes_again(row: dict[str, Any]) -> None:
    request = {key: row["request_body"].get(key) for key in ("model", "stream_options")}
    asked = call(stream=True, **{key: value for key, value in request.items() if value is not None})
    chunks = chunks_of(row["response_sse"])
    again = list(slices(fold(chunks), asked))
    assert shapes(again) == shapes([as_now(chunk) for chunk in chunks])
    assert fold(again) == fold(chunks)


@full_corpora
@pytest.mark.parametrize("row", recorded())
def test_a_recorded_stream_is_framed_and_padded_by_the_same_rule(row: dict[str, Any]) -> None:
    stream: str = row["response_sse"]
    chunks = chunks_of(stream)
    padded = "obfuscation" in chunks[0]
    asked = call(stream=True, stream_options={"include_obfuscation": padded})
    again = b"".join(Framer(asked).frames(chunks)).decode()
    assert stream.encode().endswith(DONE_FRAME)
    if not padded:
        assert again == stream
        return
    if _is_of_sound(stream):  # the padding of its last chunk follows no rule, and some chunks are empty
        assert [*map(shape, chunks_of(again))] == [*map(shape, chunks)]
        return
    if EDITED not in stream:
        assert [len(frame) for frame in again.split("\n\n")] == [len(frame) for frame in stream.split("\n\n")]
    assert unpadded(again) == unpadded(stream)


def unpadded(stream: str) -> list[str]:
    return [frame.partition(',"obfuscation":')[0] for frame in stream.split("\n\n")]
