"""Streams of the chunks in a script."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final, cast

import orjson

from chatdouble.backend import Call, Relay, Reply
from chatdouble.core.ids import completion_id, fingerprint
from chatdouble.core.sse import write_frame
from chatdouble.schema.chunk import Chunk
from chatdouble.scripts.format.raw_reply import ChunkSpec
from chatdouble.scripts.format.templates import fill
from chatdouble.scripts.replying.template_variables import TemplateVariables

_EVENT_STREAM: Final = "text/event-stream; charset=utf-8"


def streamed(pieces: Sequence[ChunkSpec], call: Call, variables: TemplateVariables) -> Reply:
    """Return a stream of chunks; if a piece is raw, return the bytes of the event stream.

    If all pieces are texts, a first and a last chunk are added, which carry the role and the finish reason.

    Raises:
        TemplateFailedError: A template cannot be rendered.
    """
    filled = [(piece, fill(piece.content(), variables)) for piece in pieces]
    if any(piece.raw is not None for piece, _ in filled):
        return _raw(filled, call)
    chunks = [_chunk(call, value) for _, value in filled]
    if all(piece.text is not None for piece in pieces):
        first = _chunk(call, {"choices": [{"delta": {"role": "assistant", "content": "", "refusal": None}}]})
        last = _chunk(call, {"choices": [{"delta": {}, "finish_reason": "stop"}]})
        chunks = [first, *chunks, last]
    return _each(chunks)


async def _each(chunks: list[Chunk]) -> AsyncIterator[Chunk]:
    for chunk in chunks:
        yield chunk


def _chunk(call: Call, given: Any) -> Chunk:
    """Return a chunk with missing keys filled in; a text becomes its content."""
    if not isinstance(given, dict):
        given = {"choices": [{"delta": {"content": str(given)}}]}
    created = int(call.services.clock.now())
    whole: dict[str, Any] = {
        "id": completion_id(call.chance.at("completion"), created),
        "object": "chat.completion.chunk",
        "created": created,
        "model": call.model.snapshot,
        "service_tier": "default",
        "system_fingerprint": fingerprint(call.services.chance, call.model.snapshot)
        if call.model.has_fingerprint
        else None,
        "choices": [],
        **given,
    }
    whole["choices"] = [_choice(call, choice) for choice in whole["choices"]]
    return cast("Chunk", whole)


def _choice(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    logprobs = {"logprobs": None} if call.model.has_logprobs_key else {}
    return {"index": 0, "delta": {}, **logprobs, "finish_reason": None, **given}


def _raw(filled: list[tuple[ChunkSpec, Any]], call: Call) -> Relay:
    async def body() -> AsyncIterator[bytes]:
        for piece, value in filled:
            yield str(value).encode() if piece.raw is not None else write_frame(orjson.dumps(_chunk(call, value)))

    return Relay(200, [(b"content-type", _EVENT_STREAM.encode())], body(), paced=True)
