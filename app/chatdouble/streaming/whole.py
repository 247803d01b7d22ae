"""Bodies of APIs whose answers are always whole."""

from collections.abc import Iterator
from typing import Any

from chatdouble.backend import Answer, Call, Piece
from chatdouble.core.errors import APIError
from chatdouble.core.json import encode, encode_indented
from chatdouble.core.json_in_steps import indented_in_steps
from chatdouble.core.sse import write_frame


class OnePiece:
    """The stream of an answer that comes in one piece."""

    __slots__ = ("_answer",)

    def __init__(self) -> None:
        self._answer: Answer | None = None

    def add(self, piece: Piece) -> None:
        """Take the answer."""
        self._answer = piece

    def frame(self, piece: Piece) -> bytes:
        """Take the answer, and return its frame."""
        self._answer = piece
        return write_frame(encode(piece))

    def failure(self, error: APIError) -> Iterator[bytes]:
        """Raise the error, since nothing can come after the one piece.

        Raises:
            APIError: Always.
        """
        raise error

    def answer(self) -> Answer | None:
        """Return the answer; None: it did not come."""
        return self._answer


class WholeCodec:
    """Turns answers into bodies: indented by two, UTF-8, a final newline (answers#formatting).

    These APIs have no streams; a stream would be the answer in one frame.
    """

    @property
    def done(self) -> bytes:
        """The last frame of every stream: none."""
        return b""

    def body(self, answer: Answer, *, in_steps: bool = False) -> bytes:
        """Return an answer's body."""
        return (indented_in_steps if in_steps else encode_indented)(answer, end=b"\n")

    def is_last(self, frame: bytes) -> bool:
        """Return False: no frame says that the stream is over."""
        return not frame

    def is_paced(self, frame: bytes) -> bool:
        """Return True: the one frame is paced."""
        return bool(frame)

    def frames(self, answer: Answer, call: Call[Any]) -> Iterator[bytes]:
        """Return an answer as one frame."""
        yield self.stream(call).frame(answer)

    def writes(self, answer: Answer, call: Call[Any]) -> Iterator[bytes]:
        """Return an answer as one frame."""
        return self.frames(answer, call)

    def steps(self, answer: Answer, call: Call[Any]) -> int:
        """Return 1: an answer is due when a first token would be."""
        del answer, call
        return 1

    def stream(self, call: Call[Any]) -> OnePiece:
        """Begin a stream."""
        del call
        return OnePiece()
