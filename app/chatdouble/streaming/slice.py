"""Completions sliced into the chunks that the API would stream."""

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Any, Final, NamedTuple, cast

from chatdouble.backend import Call
from chatdouble.schema.chunk import Chunk, ChunkChoice
from chatdouble.schema.completion import Audio, Choice, Completion
from chatdouble.streaming.deltas import TextCutter, deltas


class StreamOptions(NamedTuple):
    """The request's `stream_options`.

    Attributes:
        include_usage: Whether the usage comes in a chunk at the end, and all other chunks have `"usage": null`.
        include_obfuscation: Whether chunks are padded, which is the default.
    """

    include_usage: bool
    include_obfuscation: bool


_DEFAULT: Final = StreamOptions(include_usage=False, include_obfuscation=True)


def stream_options(call: Call) -> StreamOptions:
    """Return the request's `stream_options`; null and a missing one mean the default (requests#stream-options)."""
    options = call.request.stream_options
    if options is None:
        return _DEFAULT
    return StreamOptions(options.get("include_usage") is True, options.get("include_obfuscation") is not False)


# Keys of a completion that are not in every chunk (streams#chunks).
_BODY_ONLY: Final = frozenset({"object", "choices", "usage", "moderation", "metadata"})
_HEAD: Final = ("created", "model", "service_tier", "system_fingerprint")
_CHOICE: Final = frozenset({"index", "message", "logprobs", "finish_reason"})


def slices(completion: Completion, call: Call, *, whole_texts: bool = False) -> Iterator[Chunk]:
    """Slice a completion into chunks (streams#chunks).

    The order of keys is id, object, created, model, service_tier, system_fingerprint, choices, usage. If a message has
    several tool calls, `usage` precedes `choices` until the choices finish. With `include_usage`, `usage` is null in
    all chunks but one at the end. The expiry of audio and `moderation` have chunks after that. `metadata` is not
    streamed. Unknown keys are kept: the completion's in every chunk, a choice's in its last, a message's before that.

    Args:
        completion: The completion.
        call: The call that it answers. Its request, model and delivery decide the form of the chunks.
        whole_texts: Whether to leave each text in one chunk, for the caller to cut.
    """
    whole: Any = completion  # a cast would cost as much as a chunk
    head: dict[str, Any] = {"id": whole["id"], "object": "chat.completion.chunk"}
    head |= {key: whole[key] for key in _HEAD if key in whole}
    # Keys that are already there keep their place.
    head |= {key: value for key, value in whole.items() if key not in _BODY_ONLY}
    usage: dict[str, Any] = {"usage": None} if stream_options(call).include_usage else {}
    # The first of the two orders is that of streams with parallel tool calls.
    in_parallel = any(len(choice["message"].get("tool_calls") or ()) > 1 for choice in completion["choices"])
    early, late = ({**head, **usage}, {}) if in_parallel else (head, usage)
    cutter = text_cutter(call, whole_texts=whole_texts)
    streams = [_choice_chunks(choice, cutter) for choice in completion["choices"]]
    for choice in streams[0] if len(streams) == 1 else _interleaved(streams):
        chunk: Any  # a cast would cost as much as the chunk
        if choice.get("finish_reason") is None:
            chunk = {**early, "choices": [choice], **late}
        else:
            chunk = {**head, "choices": [choice], **usage}
        yield chunk
    if usage and "usage" in completion:
        yield cast("Chunk", {**head, "choices": [], "usage": completion["usage"]})
    for spoken in completion["choices"]:
        if spoken["message"].get("audio") is not None:
            yield cast("Chunk", {**head, "choices": [_expiry(spoken)], **usage})
    if completion.get("moderation") is not None:
        yield cast("Chunk", {**head, "choices": [], **usage, "moderation": completion.get("moderation")})


def text_cutter(call: Call, *, whole_texts: bool = False) -> TextCutter:
    """Return the cutter for the texts of a call's completion."""
    return TextCutter(call.services.tokens, call.model.encoding, 0 if whole_texts else call.delivery.chunk_tokens)


def _choice_chunks(choice: Choice, cutter: TextCutter) -> Iterator[ChunkChoice]:
    """Return a choice's part of each chunk: its deltas, then `{}` with the finish reason (streams#chunks).

    Audio with the finish reason `stop` ends with its expiry instead, see `_expiry`.
    """
    index, finish = choice["index"], choice["finish_reason"]
    ends: dict[str, Any] = {"logprobs": None} if "logprobs" in choice else {}
    unknown = {key: value for key, value in choice.items() if key not in _CHOICE}
    for delta, logprobs in deltas(choice, cutter):
        if ends:
            yield {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None}
        else:
            yield {"index": index, "delta": delta, "finish_reason": None}
    audio = choice["message"].get("audio")
    if audio is None or finish != "stop" or unknown:
        yield cast("ChunkChoice", {"index": index, "delta": {}, **ends, "finish_reason": finish, **unknown})


def _expiry(choice: Choice) -> ChunkChoice:
    """Return the last delta of audio: its expiry, in a choice without `finish_reason` (streams#audio)."""
    audio = cast("Audio", choice["message"].get("audio"))
    ends = {"logprobs": None} if "logprobs" in choice else {}
    delta = {"audio": {"expires_at": audio["expires_at"]}}
    return cast("ChunkChoice", {"index": choice["index"], "delta": delta, **ends})


def _interleaved(streams: Sequence[Iterator[ChunkChoice]]) -> Iterator[ChunkChoice]:
    """Return the chunks of `n` choices in the API's order: 0, 0, 1, 1, then 0, 1, 0, 1 (streams#several-choices)."""
    for stream in streams:
        yield from islice(stream, 2)
    for row in zip_longest(*streams):
        yield from (choice for choice in row if choice is not None)
