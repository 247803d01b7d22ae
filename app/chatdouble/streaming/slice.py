"""From a whole answer to the chunks the API would have streamed."""

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Any, Final, NamedTuple, cast

from chatdouble.backend import Call
from chatdouble.schema.chunk import Chunk, ChunkChoice
from chatdouble.schema.completion import Choice, Completion
from chatdouble.streaming.deltas import Cut, deltas


class StreamOptions(NamedTuple):
    """The request's `stream_options`.

    Attributes:
        include_usage: Whether a last chunk tells the usage, and every other one says `"usage": null`.
        include_obfuscation: Whether chunks are padded; they are unless the request says false.
    """

    include_usage: bool
    include_obfuscation: bool


def stream_options(call: Call) -> StreamOptions:
    """Return the request's `stream_options`; what is not a boolean counts as not said (requests#stream-options)."""
    given: Any = call.body.get("stream_options")
    options = cast("dict[str, Any]", given) if isinstance(given, dict) else {}
    return StreamOptions(options.get("include_usage") is True, options.get("include_obfuscation") is not False)


_BODY_ONLY: Final = frozenset({"object", "choices", "usage", "moderation", "metadata"})
"""Keys of a whole answer that a stream does not repeat in every chunk (streams#chunks)."""
_HEAD: Final = ("created", "model", "service_tier", "system_fingerprint")
_CHOICE: Final = frozenset({"index", "message", "logprobs", "finish_reason"})


def slices(completion: Completion, call: Call, *, uncut: bool = False) -> Iterator[Chunk]:
    """Cut an answer into chunks of one token (streams#chunks).

    Keys come in the order id, object, created, model, service_tier, system_fingerprint, choices, usage; a stream
    with several tool calls in one message has `usage` before `choices` until its choices finish. Keys that
    the schema does not know stay: the answer's in every chunk, a choice's in its finish chunk, a message's in a
    delta before it. With include_usage `usage` is null everywhere but in a chunk of its own; a sound's expiry and
    `moderation` have one after that.

    Args:
        completion: The answer; `metadata` is not streamed.
        call: The call it answers: its stream_options, its model's tokenizer, its delivery's chunk_tokens.
        uncut: Whether texts stay in one chunk each, for who cuts them later.
    """
    head = _head(completion)
    usage: dict[str, Any] = {"usage": None} if stream_options(call).include_usage else {}
    early, late = ({**head, **usage}, {}) if _calls_in_parallel(completion) else (head, usage)
    cut = cut_of(call, uncut=uncut)
    for choice in _interleaved([_chunked(choice, cut) for choice in completion["choices"]]):
        chunk: Any  # a cast would cost as much as the chunk
        if choice.get("finish_reason") is None:
            chunk = {**early, "choices": [choice], **late}
        else:
            chunk = {**head, "choices": [choice], **usage}
        yield chunk
    if usage and "usage" in completion:
        yield cast("Chunk", {**head, "choices": [], "usage": completion["usage"]})
    for choice in filter(None, map(_expiry, completion["choices"])):
        yield cast("Chunk", {**head, "choices": [choice], **usage})
    if completion.get("moderation") is not None:
        yield cast("Chunk", {**head, "choices": [], **usage, "moderation": completion.get("moderation")})


def cut_of(call: Call, *, uncut: bool = False) -> Cut:
    """Return what cuts the texts of a call's answer, or what leaves them whole."""
    return Cut(call.services.tokens, call.model.encoding, 0 if uncut else call.delivery.chunk_tokens)


def _head(completion: Completion) -> dict[str, Any]:
    whole = cast("dict[str, Any]", completion)
    head: dict[str, Any] = {"id": whole["id"], "object": "chat.completion.chunk"}
    for key in _HEAD:
        if key in whole:
            head[key] = whole[key]
    # What is there already keeps its place.
    head.update({key: value for key, value in whole.items() if key not in _BODY_ONLY})
    return head


def _calls_in_parallel(completion: Completion) -> bool:
    return any(len(choice["message"].get("tool_calls") or ()) > 1 for choice in completion["choices"])


def _chunked(choice: Choice, cut: Cut) -> Iterator[ChunkChoice]:
    """Return what each chunk says of a choice: its deltas, then `{}` and the finish reason (streams#chunks).

    An answer in sound that simply stops has no such end, see `_expiry`.
    """
    index, finish = choice["index"], choice["finish_reason"]
    ends: dict[str, Any] = {"logprobs": None} if "logprobs" in choice else {}
    more = {key: value for key, value in choice.items() if key not in _CHOICE}
    for delta, logprobs in deltas(choice, cut):
        if ends:
            yield {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None}
        else:
            yield {"index": index, "delta": delta, "finish_reason": None}
    audio = choice["message"].get("audio")
    if audio is None or finish != "stop" or more:
        yield cast("ChunkChoice", {"index": index, "delta": {}, **ends, "finish_reason": finish, **more})


def _expiry(choice: Choice) -> ChunkChoice | None:
    """Return a sound's last delta, its expiry, in a choice without `finish_reason` (streams#audio)."""
    audio = choice["message"].get("audio")
    if audio is None:
        return None
    ends = {"logprobs": None} if "logprobs" in choice else {}
    said: Any = {"index": choice["index"], "delta": {"audio": {"expires_at": audio["expires_at"]}}, **ends}
    return cast("ChunkChoice", said)


def _interleaved(streams: Sequence[Iterator[ChunkChoice]]) -> Iterator[ChunkChoice]:
    """Return the chunks of `n` choices as the API mixes them: 0, 0, 1, 1, then 0, 1, 0, 1 (streams#several-choices)."""
    if len(streams) == 1:
        yield from streams[0]
        return
    for stream in streams:
        yield from islice(stream, 2)
    for row in zip_longest(*streams):
        yield from (choice for choice in row if choice is not None)
