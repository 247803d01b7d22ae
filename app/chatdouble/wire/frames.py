"""From chunks to the bytes of server-sent events, padded as the API pads them."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, cycle
from typing import Any, Final, cast

from chatdouble.backend import Call
from chatdouble.errors import APIError
from chatdouble.schema.chunk import Chunk
from chatdouble.schema.usage import CompletionUsage
from chatdouble.wire.asked import stream_options
from chatdouble.wire.encoding import encode, encoded_each

DONE: Final = b"data: [DONE]\n\n"
"""The last frame of every stream, of one that failed too (wire 4)."""

_POOL: Final = 80
"""Characters of chance a stream's paddings are cut from."""
_STEP: Final = 19
"""How far apart the cuts begin; it shares no factor with the beginnings, so each comes up in turn."""
_BEGINNINGS: Final = _POOL - 15
_PLACES: Final = tuple(turn * _STEP % _BEGINNINGS for turn in range(_BEGINNINGS))


_BATCH: Final = 32
"""Pieces of text that are encoded together."""


class Framer:
    """Makes frames of the chunks of one stream.

    Args:
        call: The call they answer; it says whether to pad, and with which characters.
    """

    def __init__(self, call: Call) -> None:
        padded = stream_options(call).include_obfuscation
        self._pool = call.chance.at("obfuscation").text(_POOL).encode() if padded else b""
        self._places = cycle(_PLACES)

    def frame(self, chunk: Chunk) -> bytes:
        r"""Return `data: {compact JSON}\n\n` in raw UTF-8 (wire 4), keys the schema does not know included.

        `obfuscation`, the last key, brings the JSON's length in code points to 1 modulo 16 (wire 5.2); one that
        came with the chunk is replaced.
        """
        if "obfuscation" in chunk:
            chunk = cast("Chunk", {key: value for key, value in chunk.items() if key != "obfuscation"})
        encoded = encode(chunk)
        if not self._pool:
            return b"data: %b\n\n" % encoded
        # The key and its quotes are 17 characters, so the padding makes up for the rest's length alone.
        at = next(self._places)
        padding = self._pool[at : at + -len(encoded.decode()) % 16]
        return b'data: %b,"obfuscation":"%b"}\n\n' % (encoded[:-1], padding)

    def texts(self, chunk: Chunk, pieces: Sequence[str]) -> Iterator[bytes]:
        """Return the frames of a chunk that is repeated with one piece of its text after another.

        Args:
            chunk: A chunk with one choice, whose delta is `{"content": text}`.
            pieces: What stands in the text's place.
        """
        around = b'"delta":{"content":%b}' % encode(chunk["choices"][0]["delta"].get("content"))
        before, _, after = encode(chunk).rpartition(around)
        head, tail = b'data: %b"delta":{"content":' % before, b"}" + after
        # Not all at once: of thousands of slow streams each would hold what it sends much later.
        encoded = chain.from_iterable(encoded_each(pieces[at : at + _BATCH]) for at in range(0, len(pieces), _BATCH))
        if not self._pool:
            yield from (b"%b%b%b\n\n" % (head, text, tail) for text in encoded)
            return
        tail = tail[:-1]
        others = len((head + tail).decode()) - len("data: ") + len("}")
        pool = self._pool
        for text, at in zip(encoded, self._places, strict=False):
            padding = pool[at : at + -(others + len(text.decode())) % 16]
            yield b'%b%b%b,"obfuscation":"%b"}\n\n' % (head, text, tail, padding)

    def frames(self, chunks: Iterable[Chunk]) -> Iterator[bytes]:
        """Return the frames of a whole stream, `[DONE]` included."""
        return chain(map(self.frame, chunks), (DONE,))


def error_frame(envelope: dict[str, Any]) -> bytes:
    """Return the frame of an error that comes after the stream has begun (wire 4)."""
    return b"data: %b\n\n" % encode(envelope)


def failure(error: APIError, last: Chunk, framer: Framer, call: Call) -> Iterator[bytes]:
    """Return how a stream ends that failed: the error, with include_usage a usage of noughts, `[DONE]` (wire 4).

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
