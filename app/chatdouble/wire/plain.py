"""Streams of whole answers, whose texts are cut, encoded and framed all at once."""

from collections.abc import Iterable, Iterator
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
            return None
