"""Streams of the chunks in a script."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from chatdouble.backend import Call, Relay, Reply
from chatdouble.core.chance import completion_id, fingerprint
from chatdouble.core.json import as_array, as_object, encode, is_object, objects_in
from chatdouble.core.sse import DONE, write_frame
from chatdouble.schema.chunk import Chunk
from chatdouble.scripts.format.raw_reply import ChunkSpec
from chatdouble.scripts.format.templates import fill
from chatdouble.scripts.replying.parts import Ready
from chatdouble.scripts.replying.template_variables import TemplateVariables
from chatdouble.streaming.fold import fold

_EVENT_STREAM: Final = "text/event-stream; charset=utf-8"
_CONTENT_TYPE: Final = [(b"content-type", _EVENT_STREAM.encode())]

_PARTS: Final = ("function_call", "audio")
_INPUTS: Final = ("function", "custom")
"""The parts of deltas and of tool calls that are objects."""

Filled = tuple[ChunkSpec, Any]
"""A piece of a script, and its content with templates rendered."""


def streamed(pieces: Sequence[ChunkSpec], call: Call, variables: TemplateVariables, *, complete: bool = False) -> Reply:
    """Return a stream of chunks.

    Chunks are sent exactly as written. Texts become whole chunks, and so does everything if the reply is to be
    completed or if the client asks for no stream, since a completion cannot be exactly these chunks. If all pieces
    are texts, a first and a last chunk are added, which carry the role and the finish reason.

    Args:
        pieces: The pieces.
        call: The call to answer.
        variables: The variables of their templates.
        complete: Whether to fill in what is missing from the chunks.

    Raises:
        TemplateFailedError: A template cannot be rendered.
    """
    filled = [(piece, fill(piece.content(), variables)) for piece in pieces]
    if any(piece.raw is not None for piece in pieces):
        return Relay(200, [*_CONTENT_TYPE], Ready(iter(_frames(filled, call, complete=complete))), paced=True)
    chunks = [_chunk(call, value) for _, value in filled]
    if all(piece.text is not None for piece in pieces):
        first = _chunk(call, {"choices": [{"delta": {"role": "assistant", "content": "", "refusal": None}}]})
        last = _chunk(call, {"choices": [{"delta": {}, "finish_reason": "stop"}]})
        return Ready(iter([first, *chunks, last]))
    if complete or not call.request.stream:
        return Ready(iter(chunks))
    call.answer = fold(chunks)
    exact = [*_frames(filled, call), write_frame(DONE)]
    return Relay(200, [*_CONTENT_TYPE], Ready(iter(exact)), paced=True)


def _frames(filled: Iterable[Filled], call: Call, *, complete: bool = False) -> list[bytes]:
    """Return the bytes of each piece: raw text and chunks exactly as written, texts in whole chunks."""
    return [_frame(piece, value, call, complete=complete) for piece, value in filled]


def _frame(piece: ChunkSpec, value: Any, call: Call, *, complete: bool) -> bytes:
    if piece.raw is not None:
        return str(value).encode()
    exact = piece.chunk is not None and not complete
    return write_frame(encode(value if exact else _chunk(call, value)))


def _chunk(call: Call, given: Any) -> Chunk:
    """Return a chunk with missing keys filled in and without choices that are none; a text becomes its content."""
    if not is_object(given):
        given = {"choices": [{"delta": {"content": str(given)}}]}
    created = int(call.services.clock.now())
    whole: dict[str, Any] = {
        "id": completion_id(call.chance, created),
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
    whole["choices"] = [_choice(call, choice) for choice in objects_in(whole["choices"])]
    return cast("Chunk", whole)


def _choice(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    logprobs = {"logprobs": None} if call.model.has_logprobs_key else {}
    whole: dict[str, Any] = {"index": 0, "delta": {}, **logprobs, "finish_reason": None, **given}
    whole["index"] = whole["index"] if isinstance(whole["index"], int) else 0
    whole["delta"] = _delta(as_object(whole["delta"]))
    return whole


def _delta(given: dict[str, Any]) -> dict[str, Any]:
    """Return a delta without the parts that no completion can be made of."""
    kept = {key: part for key, part in given.items() if key not in _PARTS or part is None or is_object(part)}
    if "tool_calls" in kept:
        kept["tool_calls"] = [_call(called) for called in objects_in(as_array(kept["tool_calls"]))]
    return kept


def _call(given: dict[str, Any]) -> dict[str, Any]:
    return {key: part for key, part in given.items() if key not in _INPUTS or is_object(part)}
