"""From chunks to the bytes of server-sent events, padded as the API pads them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, cycle, islice
from typing import Any, Final, cast

import orjson

from chatdouble.backend import Call
from chatdouble.core.errors import APIError
from chatdouble.core.json import encode
from chatdouble.schema.chunk import Chunk, Delta
from chatdouble.schema.completion import Completion, CompletionUsage
from chatdouble.streaming.slice import cut_of, slices, stream_options

DONE: Final = b"data: [DONE]\n\n"
"""The last frame of every stream, of one that failed too (streams#framing)."""

_POOL: Final = 80
"""Characters of chance a stream's paddings are cut from."""
_STEP: Final = 19
"""How far apart the cuts begin; it shares no factor with the beginnings, so each comes up in turn."""
_BEGINNINGS: Final = _POOL - 15
_CUTS: Final = tuple(
    tuple(slice(at, at + -length % 16) for length in range(16))
    for at in (turn * _STEP % _BEGINNINGS for turn in range(_BEGINNINGS))
)
"""For one frame after another: what of the pool pads it, by its length modulo 16."""
_MANY: Final = 256
"""How many frames of a text are made together."""


class Framer:
    """Makes frames of the chunks of one stream.

    Args:
        call: The call they answer; it says whether to pad, and with which characters.
    """

    def __init__(self, call: Call) -> None:
        padded = stream_options(call).include_obfuscation
        self._pool = call.chance.at("obfuscation").text(_POOL).encode() if padded else b""
        self._framed = 0

    def frame(self, chunk: Chunk) -> bytes:
        r"""Return `data: {compact JSON}\n\n` in raw UTF-8 (streams#framing), keys the schema does not know included.

        `obfuscation`, the last key, brings the JSON's length in code points to 1 modulo 16 (streams#obfuscation); one
        that came with the chunk is replaced.
        """
        if "obfuscation" in chunk:
            chunk = cast("Chunk", {key: value for key, value in chunk.items() if key != "obfuscation"})
        encoded = encode(chunk)
        if not self._pool:
            return b"data: %b\n\n" % encoded
        # The key and its quotes are 17 characters, so the padding makes up for the rest's length alone.
        padding = self._pool[_CUTS[self._framed % _BEGINNINGS][len(encoded.decode()) % 16]]
        self._framed += 1
        return b'data: %b,"obfuscation":"%b"}\n\n' % (encoded[:-1], padding)

    def texts(self, chunk: Chunk, text: str, pieces: Sequence[bytes]) -> "Texts":
        """Return the frames of a chunk that is repeated with one piece of its text after another, not yet made.

        Args:
            chunk: A chunk with one choice.
            text: The text its delta brings, after which nothing comes in the delta.
            pieces: What stands in the text's place, as JSON.
        """
        texts = Texts(*_around(chunk, text), pieces, self._pool, self._framed)
        self._framed += len(pieces)
        return texts

    def frames(self, chunks: Iterable[Chunk]) -> Iterator[bytes]:
        """Return the frames of a whole stream, `[DONE]` included."""
        return chain(map(self.frame, chunks), (DONE,))


@dataclass(frozen=True, slots=True)
class Texts:
    """Frames that differ in a piece of text and in their padding; they are made as they are taken.

    Attributes:
        head: What stands before the piece.
        tail: What stands after it, the padding and the frame's end aside.
        pieces: The pieces, as JSON.
        pool: What the paddings are cut from; empty: there are none.
        before: How many frames came before in the stream.
    """

    head: bytes
    tail: bytes
    pieces: Sequence[bytes]
    pool: bytes
    before: int

    def __iter__(self) -> Iterator[bytes]:
        """Return the frames one by one, each made when it is taken: thousands of slow streams hold no more."""
        head, tail, pool = self.head, self.tail, self.pool
        if not pool:
            yield from (b"%b%b%b\n\n" % (head, piece, tail) for piece in self.pieces)
            return
        others, tail = self._others, tail[:-1]
        for at, piece in enumerate(self.pieces, self.before):
            padding = pool[_CUTS[at % _BEGINNINGS][(others + len(piece.decode())) % 16]]
            yield b'%b%b%b,"obfuscation":"%b"}\n\n' % (head, piece, tail, padding)

    def blocks(self) -> Iterator[bytes]:
        """Return the frames many together, which is several times as fast."""
        block = self._padded if self.pool else self._bare
        return (block(at, self.pieces[at : at + _MANY]) for at in range(0, len(self.pieces), _MANY))

    @property
    def _others(self) -> int:
        """How many characters of a frame's JSON are not of the piece, and not the padding's."""
        return len((self.head + self.tail).decode()) - len("data: ")

    def _padded(self, at: int, texts: Sequence[bytes]) -> bytes:
        others, pool = self._others, self.pool
        measured = texts if b"".join(texts).isascii() else map(bytes.decode, texts)
        cuts_of_each = islice(cycle(_CUTS), (self.before + at) % _BEGINNINGS, None)
        paddings = [pool[cuts[(others + len(text)) % 16]] for text, cuts in zip(measured, cuts_of_each, strict=False)]
        end = b'"}\n\n'
        # One list of all parts is joined twice as fast as the parts of each frame, then the frames.
        parts = [end + self.head, b"", self.tail[:-1] + b',"obfuscation":"', b""] * len(texts)
        parts[0], parts[1::4], parts[3::4] = self.head, texts, paddings
        parts.append(end)
        return b"".join(parts)

    def _bare(self, _: int, texts: Sequence[bytes]) -> bytes:
        end = self.tail + b"\n\n"
        return b"".join((self.head, (end + self.head).join(texts), end))


def _around(chunk: Chunk, text: str) -> tuple[bytes, bytes]:
    """Return what comes before and after a text in its chunk's frame, the end aside."""
    delta = encode(chunk["choices"][0]["delta"])
    opens, _, closes = delta.rpartition(encode(text))
    before, _, after = encode(chunk).rpartition(b'"delta":' + delta)
    return b'data: %b"delta":%b' % (before, opens), closes + after


def error_frame(envelope: dict[str, Any]) -> bytes:
    """Return the frame of an error that comes after the stream has begun (streams#errors)."""
    return b"data: %b\n\n" % encode(envelope)


def failure(error: APIError, last: Chunk, framer: Framer, call: Call) -> Iterator[bytes]:
    """Return how a stream ends that failed: the error, with include_usage a usage of noughts, `[DONE]`.

    See streams#errors.

    Args:
        error: What went wrong.
        last: The last chunk that was sent.
        framer: What made the stream's frames.
        call: The call that is answered.
    """
    yield error_frame(error.envelope())
    if stream_options(call).include_usage:
        head = {key: value for key, value in last.items() if key not in _OF_ONE_CHUNK}
        yield framer.frame(cast("Chunk", {**head, "choices": [], "usage": _nothing_used()}))
    yield DONE


_OF_ONE_CHUNK: Final = frozenset({"choices", "usage", "moderation", "obfuscation"})


def _nothing_used() -> CompletionUsage:
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


_WRITE: Final = 64 * 1024
"""How many bytes fill a write: most streams are one."""


def writes_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return a whole answer's stream, `[DONE]` included, in as few pieces as are well sent.

    Args:
        completion: The answer.
        call: The call it answers.
    """
    held: list[bytes] = []
    size = 0
    for part in _parts(completion, call):
        for block in part.blocks() if isinstance(part, Texts) else (part,):
            held.append(block)
            size += len(block)
            if size >= _WRITE:
                yield b"".join(held)
                held, size = [], 0
    if held:
        yield b"".join(held)


def frames_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return a whole answer's stream, `[DONE]` included, frame by frame, those of a text each made when it is taken.

    Args:
        completion: The answer.
        call: The call it answers.
    """
    return chain.from_iterable(part if isinstance(part, Texts) else (part,) for part in _parts(completion, call))


def _parts(completion: Completion, call: Call) -> Iterable[bytes | Texts]:
    """Return the frames of an answer's slices, those together that are pieces of one text.

    Chunks that differ in their piece of a text alone are not made one by one. What is cut is framed as it is taken,
    everything else at once: of what makes it nothing need then be held.
    """
    framer = Framer(call)
    if not _is_plain(completion):
        return framer.frames(slices(completion, call))
    cut = cut_of(call)
    made: list[bytes | Texts] = []
    for chunk in slices(completion, call, uncut=True):
        text = _text(chunk["choices"][0]["delta"]) if chunk["choices"] else None
        made.append(framer.texts(chunk, text, cut.encoded(text)) if text else framer.frame(chunk))
    return [*made, DONE]


def _is_plain(completion: Completion) -> bool:
    """Say whether a text's chunks come one after another, tell nothing of its tokens or sound, and are as it is."""
    choices = completion["choices"]
    if len(choices) != 1 or choices[0].get("logprobs") or choices[0]["message"].get("audio"):
        return False
    try:
        orjson.dumps({**completion, "choices": ()})
    except TypeError:  # the chunks are written escaped, a piece of their text by itself is not
        return False
    return True


def _text(delta: Delta) -> str | None:
    """Return the text that a delta brings, if it is one that is cut and the delta brings nothing else."""
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
