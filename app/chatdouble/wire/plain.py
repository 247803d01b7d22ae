"""Streams of plain text, which most streams are: cut, encoded and framed all at once."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from chatdouble.backend import Call
from chatdouble.schema.chunk import Delta
from chatdouble.schema.completion import Completion
from chatdouble.wire.frames import DONE, Framer
from chatdouble.wire.slicing import cut_of, slices

_PLAIN: Final = frozenset({"role", "content", "refusal", "annotations"})


_TOGETHER: Final = 100
"""How many frames make up about 32 KiB, which is one write."""
_FEW: Final = 8
"""How many frames a stream makes at a time that sends them one at a time."""


def blocks_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return a whole answer's stream, `[DONE]` included, many frames in one piece.

    They are those of its slices. But where the chunks of one text differ in their piece of it alone, they are not made
    one by one.

    Args:
        completion: The answer.
        call: The call it answers.
    """
    if _is_plain(completion):
        return _blocks(completion, call, _TOGETHER)
    frames = Framer(call).frames(slices(completion, call))
    return iter(lambda: b"".join(islice(frames, _TOGETHER)), b"")


def frames_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return a whole answer's stream as `blocks_of` does, but frame by frame, each made not long before it is taken."""
    if not _is_plain(completion):
        return Framer(call).frames(slices(completion, call))
    return chain.from_iterable(map(_apart, _blocks(completion, call, _FEW)))


def _blocks(completion: Completion, call: Call, together: int) -> Iterator[bytes]:
    framer, cut = Framer(call), cut_of(call)
    for chunk in slices(completion, call, uncut=True):
        delta: Delta = chunk["choices"][0]["delta"] if chunk["choices"] else {}
        text = delta.get("content")
        if text and len(delta) == 1:
            yield from framer.texts(chunk, cut(text), together)
        else:
            yield framer.frame(chunk)
    yield DONE


def _apart(block: bytes) -> Iterator[bytes]:
    # Compact JSON is one line, so every other line is empty.
    return (frame + b"\n\n" for frame in block.split(b"\n")[:-1:2])


def _is_plain(completion: Completion) -> bool:
    """Say whether an answer is one choice's text and nothing else that would be cut."""
    choices = completion["choices"]
    if len(choices) != 1 or choices[0].get("logprobs"):
        return False
    message = choices[0]["message"]
    return bool(message["content"]) and message.get("refusal") is None and _PLAIN.issuperset(message)
