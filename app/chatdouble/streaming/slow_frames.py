"""Frames of streams that take time, made when they are sent and once more when somebody reads the journal."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from chatdouble.backend import Call
from chatdouble.schema.completion import Completion
from chatdouble.streaming.frames import TextBatch, parts_of
from chatdouble.tokens.tokenizer import PIECES

Shared = Callable[[tuple[bytes, ...]], tuple[bytes, ...]]


class Frames:
    """The frames of a stream. Those of a text are made when they are needed.

    The parts of a short answer are made at once, which takes less memory than what makes them.

    Args:
        parts: Frames, and batches of them.
        shared: Returns equal pieces of a text as the same object.
    """

    __slots__ = ("_made", "_others")

    def __init__(self, parts: Iterator[bytes | TextBatch], shared: Shared) -> None:
        self._made: list[bytes | TextBatch] = []
        self._others: Iterator[bytes | TextBatch] | None = None
        for part in parts:
            self._made.append(part)
            if isinstance(part, TextBatch):
                part.pieces = shared(tuple(part.pieces))
                if len(part.pieces) == PIECES:
                    self._others = parts
                    break

    @property
    def are_made(self) -> bool:
        """True if nothing of what they are made of is needed any more."""
        return self._others is None

    def __iter__(self) -> Iterator[bytes]:
        """Return the frames, for once."""
        return _one_by_one(self.parts())

    def parts(self) -> Iterator[bytes | TextBatch]:
        """Return the frames in batches, for once."""
        return chain(self._made, self._others) if self._others else iter(self._made)

    @property
    def size(self) -> int:
        """The bytes that the parts take that are there, roughly."""
        return sum(part.size if isinstance(part, TextBatch) else len(part) for part in self._made)

    def beginning(self, most: int) -> bytes:
        """Return the first bytes of the stream again, at most so many, and no more than those of a whole batch."""
        found = b""
        for frame in _one_by_one(self._made):
            if len(found) >= most:
                break
            found += frame
        return found[:most]


def _one_by_one(parts: Iterable[bytes | TextBatch]) -> Iterator[bytes]:
    return chain.from_iterable(part if isinstance(part, TextBatch) else (part,) for part in parts)


def frames_of(completion: Completion, call: Call) -> Frames:
    """Return the frames of a completion's stream, `[DONE]` included.

    Args:
        completion: The completion.
        call: The call that it answers.
    """
    return Frames(parts_of(completion, call), call.services.tokens[call.model.encoding].shared)
