"""Streams of whole answers, whose texts are cut, encoded and framed all at once."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from chatdouble.backend import Call
from chatdouble.schema.chunk import Delta
from chatdouble.schema.completion import Completion
from chatdouble.wire.frames import DONE, Framer
from chatdouble.wire.slicing import cut_of, slices

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
    if _is_plain(completion):
        return chain.from_iterable(map(_apart, _blocks(completion, call, _FEW)))
    return Framer(call).frames(slices(completion, call))


def _is_plain(completion: Completion) -> bool:
    """Say whether a text's chunks come one after another and tell nothing of its tokens."""
    choices = completion["choices"]
    return len(choices) == 1 and not choices[0].get("logprobs")


def _blocks(completion: Completion, call: Call, together: int) -> Iterator[bytes]:
    framer, cut = Framer(call), cut_of(call)
    for chunk in slices(completion, call, uncut=True):
        text = _text(chunk["choices"][0]["delta"]) if chunk["choices"] else None
        if text:
            yield from framer.texts(chunk, text, cut.encoded(text), together)
        else:
            yield framer.frame(chunk)
    yield DONE


def _text(delta: Delta) -> str | None:
    """Return the text that a delta brings, if it is one that is cut and the delta brings nothing else."""
    match delta:
        case {"content": text} | {"refusal": text} if len(delta) == 1:
            return text
        case {"tool_calls": [{"function": {"arguments": text}} | {"custom": {"input": text}}]}:
            return text
        case {"function_call": {"arguments": text}} | {"audio": {"transcript": text}}:
            return text
        case _:
            return None


def _apart(block: bytes) -> Iterator[bytes]:
    # Compact JSON is one line, so every other line is empty.
    return (frame + b"\n\n" for frame in block.split(b"\n")[:-1:2])
