"""Frames of server-sent events, with the API's padding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from typing import Any, Final, cast

import orjson

from chatdouble.backend import Call
from chatdouble.core.errors import APIError, ErrorResponse
from chatdouble.core.json import encode
from chatdouble.schema.chunk import Chunk, Delta
from chatdouble.schema.completion import Completion, CompletionUsage
from chatdouble.streaming.slice import slices, stream_options, text_cutter
from chatdouble.tokens.tokenizer import PIECES

DONE: Final = b"data: [DONE]\n\n"
"""The last frame of every stream, failed ones included (streams#framing)."""

# The number of random characters of a stream, of which its paddings are parts.
_POOL: Final = 80
# The distance of consecutive paddings. It has no factor in common with the starts, so all starts are used in turn.
_STEP: Final = 19
_STARTS: Final = _POOL - 15
# The paddings of consecutive frames as parts of the pool, by the length of the frame modulo 16, twice.
_BY_LENGTH: Final = tuple(
    tuple(slice(at, at + -length % 16) for length in range(16)) * 2
    for at in (turn * _STEP % _STARTS for turn in range(_STARTS))
)
# The same, by the length of a part of the frame modulo 16, for each length of the rest of the frame modulo 16.
_PADDINGS: Final = tuple(tuple(paddings[rest : rest + 16] for paddings in _BY_LENGTH) for rest in range(16))
# The number of parts of a frame in a block.
_PARTS: Final = 4
# The number of frames in a block: of a short text, and of a long one, whose client may read slowly.
_BLOCK: Final = 256
_BLOCK_OF_LONG: Final = 64


class Framer:
    """Frames the chunks of one stream.

    Args:
        call: The call to answer. It decides about the padding.
    """

    def __init__(self, call: Call) -> None:
        padded = stream_options(call).include_obfuscation
        self._pool = call.chance.at("obfuscation").text(_POOL).encode() if padded else b""
        self._framed = 0

    def frame(self, chunk: Chunk) -> bytes:
        r"""Return `data: {compact JSON}\n\n` in UTF-8 (streams#framing), unknown keys included.

        `obfuscation`, the last key, brings the length of the JSON in code points to 1 modulo 16 (streams#obfuscation).
        It replaces the padding of a chunk from elsewhere.
        """
        if "obfuscation" in chunk:
            chunk = cast("Chunk", {key: value for key, value in chunk.items() if key != "obfuscation"})
        encoded = encode(chunk)
        if not self._pool:
            return b"data: %b\n\n" % encoded
        # The key and its punctuation are 17 characters, so the padding depends only on the length of the rest.
        padding = self._pool[_BY_LENGTH[self._framed % _STARTS][len(encoded.decode()) % 16]]
        self._framed += 1
        return b'data: %b,"obfuscation":"%b"}\n\n' % (encoded[:-1], padding)

    def batches(self, chunk: Chunk, text: str, groups: Iterable[Sequence[bytes]]) -> "Iterator[TextBatch]":
        """Yield the frames of a chunk repeated with each piece of its text.

        Args:
            chunk: A chunk with one choice.
            text: The text in its delta, which must be the last value of the delta.
            groups: The pieces of the text, as JSON: those of each batch.
        """
        encoded = encode(chunk)
        # The delta is the last thing in a chunk that ends with a text.
        end = encoded.rindex(b'"}') + 1
        head, tail = b"data: %b" % encoded[: end - len(encode(text))], encoded[end:]
        del encoded  # which may be long, as may be the time until the stream has been sent
        others = len((head + tail).decode()) - len("data: ")
        for pieces in groups:
            yield TextBatch(head, tail, pieces, self._pool, self._framed, others)
            self._framed += len(pieces)

    def frames(self, chunks: Iterable[Chunk]) -> Iterator[bytes]:
        """Return the frames of a whole stream, `[DONE]` included."""
        return chain(map(self.frame, chunks), (DONE,))


@dataclass(slots=True)
class TextBatch:
    """Frames that differ only in a piece of text and in their padding.

    Attributes:
        head: The part of a frame before the piece.
        tail: The part after the piece, without the padding and the end.
        pieces: The pieces, as JSON.
        pool: The characters for paddings, or empty for frames without padding.
        before: The number of frames before these in the stream.
        others: The number of characters in a frame's JSON that belong neither to the piece nor to the padding.
    """

    head: bytes
    tail: bytes
    pieces: Sequence[bytes]
    pool: bytes
    before: int
    others: int

    def __iter__(self) -> Iterator[bytes]:
        """Yield the frames one by one. Each is made when it is needed, which saves memory in slow streams."""
        head, tail, pool = self.head, self.tail, self.pool
        if not pool:
            yield from (b"%b%b%b\n\n" % (head, piece, tail) for piece in self.pieces)
            return
        rows, tail = _PADDINGS[self.others % 16], tail[:-1]
        for at, piece in enumerate(self.pieces, self.before):
            padding = pool[rows[at % _STARTS][len(piece.decode()) % 16]]
            yield b'%b%b%b,"obfuscation":"%b"}\n\n' % (head, piece, tail, padding)

    def blocks(self) -> Iterator[list[bytes]]:
        """Yield the parts of some frames at once: joining those of many frames is several times as fast."""
        pieces, pool, rows = self.pieces, self.pool, _PADDINGS[self.others % 16]
        size = _BLOCK if len(pieces) < PIECES else _BLOCK_OF_LONG
        for at in range(0, len(pieces), size):
            texts = pieces[at : at + size] if len(pieces) > size else pieces
            if pool:
                end = b'"}\n\n'
                parts = [end + self.head, b"", self.tail[:-1] + b',"obfuscation":"', b""] * len(texts)
                measured = texts if b"".join(texts).isascii() else map(bytes.decode, texts)
                rows_of_each = islice(cycle(rows), (self.before + at) % _STARTS, None)
                pairs = zip(measured, rows_of_each, strict=False)
                parts[3::_PARTS] = [pool[row[len(text) & 15]] for text, row in pairs]
            else:
                end = b"\n\n"
                parts = [end + self.head, b"", self.tail, b""] * len(texts)
            parts[0], parts[1::_PARTS] = self.head, texts
            parts.append(end)
            yield parts


def error_frame(envelope: ErrorResponse) -> bytes:
    """Return the frame of an error that occurs after the stream has begun (streams#errors)."""
    return b"data: %b\n\n" % encode(envelope)


def failure(error: APIError, last: Chunk, framer: Framer, call: Call) -> Iterator[bytes]:
    """Yield the last frames of a failed stream: the error, a usage of zeros with `include_usage`, and `[DONE]`.

    See streams#errors.

    Args:
        error: The error.
        last: The last chunk that was sent.
        framer: The stream's framer.
        call: The call to answer.
    """
    yield error_frame(error.envelope())
    if stream_options(call).include_usage:
        head = {key: value for key, value in last.items() if key not in _OF_ONE_CHUNK}
        yield framer.frame(cast("Chunk", {**head, "choices": [], "usage": _no_usage()}))
    yield DONE


_OF_ONE_CHUNK: Final = frozenset({"choices", "usage", "moderation", "obfuscation"})


def _no_usage() -> CompletionUsage:
    return {
        "prompt_tokens": 0,
        "completion_tokens": 0,
        "total_tokens": 0,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


# The number of bytes from which a write is complete. Most streams are a single write. A client that does not read
# has the server hold three: the one that waits, the next, and what the connection holds before it waits.
_WRITE: Final = 32 * 1024


def writes_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return the stream of a completion, `[DONE]` included, in few large pieces.

    Args:
        completion: The completion.
        call: The call that it answers.
    """
    parts = _parts(completion, call)
    return in_writes(
        chain.from_iterable(part.blocks() if isinstance(part, TextBatch) else ((part,),) for part in parts)
    )


def in_writes(blocks: Iterable[Sequence[bytes]]) -> Iterator[bytes]:
    """Yield a stream in pieces that are worth a write.

    Args:
        blocks: Parts of the stream that stay together. The first ones are about as long as those that follow.
    """
    held: list[bytes] = []
    size = 0
    for block in blocks:
        # A single frame is likely to be one of the last, so it does not begin a write.
        if size >= (_WRITE if len(block) > 1 else 2 * _WRITE):
            whole = b"".join(held)
            held, size = [], 0  # before it is sent, which may take long
            yield whole
            del whole
        held += block
        size += sum(map(len, block[:_PARTS])) * -(-len(block) // _PARTS)
    if held:
        yield b"".join(held)


def frames_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return the frames of a completion's stream, `[DONE]` included. Those of a text are made when they are needed.

    The parts of a short answer are made at once, which takes less memory than what makes them.

    Args:
        completion: The completion.
        call: The call that it answers.
    """
    parts = _parts(completion, call)
    made: list[bytes | TextBatch] = []
    for part in parts:
        made.append(part)
        if isinstance(part, TextBatch) and len(part.pieces) == PIECES:
            break
    return chain.from_iterable(part if isinstance(part, TextBatch) else (part,) for part in chain(made, parts))


def _parts(completion: Completion, call: Call) -> Iterator[bytes | TextBatch]:
    """Yield the frames of a completion's slices, in batches for the pieces of a text: no chunk is made of each."""
    framer = Framer(call)
    if not _is_batchable(completion):
        yield from framer.frames(slices(completion, call))
        return
    cutter = text_cutter(call)
    for chunk in slices(completion, call, whole_texts=True):
        text = _text(chunk["choices"][0]["delta"]) if chunk["choices"] else None
        if text:
            yield from framer.batches(chunk, text, cutter.encoded(text))
        else:
            yield framer.frame(chunk)
    yield DONE


def _is_batchable(completion: Completion) -> bool:
    """Return whether text can be framed in batches: for one choice without log probabilities, audio or escapes."""
    choices = completion["choices"]
    if len(choices) != 1 or choices[0].get("logprobs") or choices[0]["message"].get("audio"):
        return False
    try:
        orjson.dumps({**completion, "choices": ()})
    except TypeError:  # the chunks will be escaped, and pieces encoded by themselves would not
        return False
    return True


def _text(delta: Delta) -> str | None:
    """Return the text in a delta if it is the kind that is cut into pieces and the delta has nothing else."""
    match delta:
        case {"content": text} | {"refusal": text} if len(delta) == 1:
            return text
        case {"tool_calls": [{"function": {"arguments": text}} | {"custom": {"input": text}}]}:
            return text
        case {"function_call": {"arguments": text}}:
            return text
        case _:
            more = cast("dict[str, Any]", delta)
            reasoning = more.get("reasoning_content") if len(more) == 1 else None
            return reasoning if isinstance(reasoning, str) else None
