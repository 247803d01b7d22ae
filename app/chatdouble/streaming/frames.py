"""Frames of server-sent events, with the API's padding."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, cast

import orjson

from chatdouble.backend import Call
from chatdouble.core.errors import APIError, ErrorResponse
from chatdouble.core.json import encode
from chatdouble.core.sse import DONE_FRAME
from chatdouble.schema.chunk import Chunk, Delta
from chatdouble.schema.completion import Completion, CompletionUsage
from chatdouble.streaming.repeated import block, padding, padding_pool, paddings
from chatdouble.streaming.slice import slices, stream_options, text_cutter
from chatdouble.tokens.tokenizer import PIECES

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
        self._pool = padding_pool(call) if padded else b""
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
        pad = padding(self._pool, self._framed, len(encoded.decode()))
        self._framed += 1
        return b'data: %b,"obfuscation":"%b"}\n\n' % (encoded[:-1], pad)

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
        is_ascii = text.isascii()
        for pieces in groups:
            yield TextBatch(head, tail, pieces, self._pool, self._framed, others, is_ascii)
            self._framed += len(pieces)

    def frames(self, chunks: Iterable[Chunk]) -> Iterator[bytes]:
        """Return the frames of a whole stream, `[DONE]` included."""
        return chain(map(self.frame, chunks), (DONE_FRAME,))


@dataclass(slots=True, eq=False, repr=False)
class TextBatch:
    """Frames that differ only in a piece of text and in their padding.

    Attributes:
        head: The part of a frame before the piece.
        tail: The part after the piece, without the padding and the end.
        pieces: The pieces, as JSON.
        pool: The characters for paddings, or empty for frames without padding.
        before: The number of frames before these in the stream.
        others: The number of characters in a frame's JSON that belong neither to the piece nor to the padding.
        is_ascii: Whether each byte of the pieces is a character.
    """

    head: bytes
    tail: bytes
    pieces: Sequence[bytes]
    pool: bytes
    before: int
    others: int
    is_ascii: bool

    @property
    def size(self) -> int:
        """The bytes that the batch takes, roughly."""
        return len(self.head) + len(self.tail) + len(self.pool) + 8 * len(self.pieces)

    def __iter__(self) -> Iterator[bytes]:
        """Return the frames one by one. Each is made when it is needed, which saves memory in slow streams."""
        return map(self.frame, range(len(self.pieces)))

    def frame(self, number: int) -> bytes:
        """Return a frame by its number in the batch."""
        piece = self.pieces[number]
        if not self.pool:
            return b"%b%b%b\n\n" % (self.head, piece, self.tail)
        pad = padding(self.pool, self.before + number, self.others + len(piece if self.is_ascii else piece.decode()))
        return b'%b%b%b,"obfuscation":"%b"}\n\n' % (self.head, piece, self.tail[:-1], pad)

    def blocks(self) -> Iterator[list[bytes]]:
        """Yield the pieces of some frames at once: joining those of many frames is several times as fast."""
        size = _BLOCK if len(self.pieces) < PIECES else _BLOCK_OF_LONG
        for at in range(0, len(self.pieces), size):
            texts = self.pieces[at : at + size]
            if self.pool:
                measured = texts if self.is_ascii else map(bytes.decode, texts)
                pads = paddings(self.pool, self.before + at, map(len, measured), self.others)
                yield block((self.head, self.tail[:-1] + b',"obfuscation":"', b'"}\n\n'), texts, pads)
            else:
                yield block((self.head, self.tail + b"\n\n"), texts)


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
    yield DONE_FRAME


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
# The number of bytes of a few frames.
_FEW: Final = 4 * 1024
# The pieces of a block that are measured: a frame has two, four or six.
_SAMPLE: Final = 12


def writes_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return the stream of a completion, `[DONE]` included, in few large pieces.

    Args:
        completion: The completion.
        call: The call that it answers.
    """
    parts = parts_of(completion, call)
    return in_writes(block for part in parts for block in ((part,) if isinstance(part, bytes) else part.blocks()))


def in_writes(blocks: Iterable[bytes | list[bytes]]) -> Iterator[bytes]:
    """Yield a stream in pieces that are worth a write.

    Args:
        blocks: Parts of the stream that stay together, whole or in pieces. The first pieces are about as long as those
            that follow.
    """
    held: list[bytes] = []
    size = 0
    for pieces in blocks:
        if isinstance(pieces, bytes):
            added = len(pieces)
        else:
            added = sum(map(len, pieces[:_SAMPLE])) * max(len(pieces), _SAMPLE) // _SAMPLE
        # A few frames are likely to be the last ones, so they do not begin a write.
        if size >= (_WRITE if added > _FEW else 2 * _WRITE):
            whole = b"".join(held)
            held, size = [], 0  # before it is sent, which may take long
            yield whole
            del whole
        if isinstance(pieces, bytes):
            held.append(pieces)
        else:
            held += pieces
        size += added
    if held:
        yield b"".join(held)


def parts_of(completion: Completion, call: Call) -> Iterator[bytes | TextBatch]:
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
    yield DONE_FRAME


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
