"""A stream of chat completion chunks as it comes from a backend."""

from collections.abc import Iterator
from typing import Any, cast

from chatdouble.backend import Answer, Call, Piece
from chatdouble.core.errors import APIError
from chatdouble.schema.chunk import Chunk
from chatdouble.streaming.fold import Folding
from chatdouble.streaming.frames import Framer, failure


class ChatStream:
    """A stream of chunks, folded into the whole answer on its way.

    Args:
        call: The call it answers.
    """

    __slots__ = ("_call", "_folding", "_framer", "_last")

    def __init__(self, call: Call[Any]) -> None:
        self._call = call
        self._folding = Folding()
        self._framer = Framer(call)
        self._last: Chunk | None = None

    def add(self, piece: Piece) -> None:
        """Add a chunk to the completion."""
        self._folding.add(cast("Chunk", piece))

    def frame(self, piece: Piece) -> bytes:
        """Add a chunk to the completion, and return its frame."""
        self._last = chunk = cast("Chunk", piece)
        self._folding.add(chunk)
        return self._framer.frame(chunk)

    def failure(self, error: APIError) -> Iterator[bytes]:
        """Return the error's frame, with include_usage a usage of zeros, and `[DONE]` (streams#errors)."""
        if self._last is None:
            raise error
        return failure(error, self._last, self._framer, self._call)

    def answer(self) -> Answer | None:
        """Return the completion as far as it came; None: no chunk came."""
        return self._folding.completion() if self._folding else None
