"""Streams of whole answers, whose texts are cut, encoded and framed all at once."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

import orjson

from chatdouble.backend import Call
from chatdouble.schema.chunk import Delta
from chatdouble.schema.completion import Completion
from chatdouble.wire.frames import DONE, Framer, Texts
from chatdouble.wire.slicing import cut_of, slices

_WRITE: Final = 64 * 1024
"""How many bytes fill a write: most streams are one."""
_MANY: Final = 128
"""How many frames of a text are made at a time."""
_FEW: Final = 8
"""As many for a stream that sends them one at a time."""


def writes_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return a whole answer's stream, `[DONE]` included, in as few pieces as are well sent.

    Args:
        completion: The answer.
        call: The call it answers.
    """
    held: list[bytes] = []
    size = 0
    for block in _blocks(completion, call, _MANY):
        held.append(block)
        size += len(block)
        if size >= _WRITE:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def frames_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return a whole answer's stream, `[DONE]` included, frame by frame, each made not long before it is taken.

    Args:
        completion: The answer.
        call: The call it answers.
    """
    return chain.from_iterable(map(_apart, _blocks(completion, call, _FEW)))


def _blocks(completion: Completion, call: Call, together: int) -> Iterator[bytes]:
    """Return the frames of an answer's slices, so many together where they are pieces of one text.

    Chunks that differ in their piece of a text alone are not made one by one.
    """
    framer, cut = Framer(call), cut_of(call)
    if not _is_plain(completion):
        yield from framer.frames(slices(completion, call))
        return
    # What is cut is framed as it is taken, everything else at once: of what makes it nothing need then be held.
    made: list[bytes | Texts] = []
    for chunk in slices(completion, call, uncut=True):
        text = _text(chunk["choices"][0]["delta"]) if chunk["choices"] else None
        made.append(framer.texts(chunk, text, cut.encoded(text)) if text else framer.frame(chunk))
    made.append(DONE)
    for part in made:
        if isinstance(part, Texts):
            yield from part.blocks(together)
        else:
            yield part


def _is_plain(completion: Completion) -> bool:
    """Say whether a text's chunks come one after another, tell nothing of its tokens, and are written as it is."""
    choices = completion["choices"]
    if len(choices) != 1 or choices[0].get("logprobs"):
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
        case {"function_call": {"arguments": text}} | {"audio": {"transcript": text}}:
            return text
        case _:
            return None


def _apart(block: bytes) -> Iterator[bytes]:
    # Compact JSON is one line, so every other line is empty.
    return (frame + b"\n\n" for frame in block.split(b"\n")[:-1:2])
