"""Streams of plain text, which most streams are: cut, encoded and framed all at once."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from chatdouble.backend import Call
from chatdouble.schema.chunk import Chunk, Delta
from chatdouble.schema.completion import Completion
from chatdouble.wire.frames import DONE, Framer
from chatdouble.wire.slicing import cut_of, slices

_PLAIN: Final = frozenset({"role", "content", "refusal", "annotations"})


def frames_of(completion: Completion, call: Call) -> Iterator[bytes]:
    """Return the frames of a whole answer's stream, `[DONE]` included.

    They are those of its slices. But where the chunks of one text differ in their piece of it alone, they are not made
    one by one.

    Args:
        completion: The answer.
        call: The call it answers.
    """
    framer = Framer(call)
    if not _is_plain(completion):
        return framer.frames(slices(completion, call))
    frames = (_frames(chunk, framer, call) for chunk in slices(completion, call, uncut=True))
    return chain(chain.from_iterable(frames), (DONE,))


def _is_plain(completion: Completion) -> bool:
    """Say whether an answer is one choice's text and nothing else that would be cut."""
    choices = completion["choices"]
    if len(choices) != 1 or choices[0].get("logprobs"):
        return False
    message = choices[0]["message"]
    return bool(message["content"]) and message.get("refusal") is None and _PLAIN.issuperset(message)


def _frames(chunk: Chunk, framer: Framer, call: Call) -> Iterator[bytes]:
    delta: Delta = chunk["choices"][0]["delta"] if chunk["choices"] else {}
    text = delta.get("content")
    if text and len(delta) == 1:
        return framer.texts(chunk, cut_of(call)(text))
    return iter((framer.frame(chunk),))
