"""A request and the upstream's answer to it, piece by piece as it arrived."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from chatdouble.core.head import is_event_stream
from chatdouble.core.sse import Reader

_STEP: Final = 256 * 1024
"""The bytes that are looked at in one step."""

Headers = tuple[tuple[str, str], ...]


class Piece(NamedTuple):
    """Bytes of a response's body, and the seconds after the request at which they arrived."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """A request and its answer.

    Attributes:
        request: The request's body, a JSON value.
        status: The HTTP status.
        headers: The response's headers in order, names in lower case.
        pieces: The response's body as it arrived, its content encoding undone.
        endpoint: The method and path of another endpoint than chat completions.
    """

    request: Any
    status: int
    headers: Headers
    pieces: tuple[Piece, ...]
    endpoint: str = ""

    @property
    def streamed(self) -> bool:
        """True if the response is an event stream."""
        return any(name == "content-type" and is_event_stream(value) for name, value in self.headers)

    @property
    def body(self) -> bytes:
        """The whole body of the response."""
        return b"".join(piece.data for piece in self.pieces)

    def frames(self) -> Iterator[Piece]:
        """Return the body frame by frame, each with its blank line and the time at which it was complete."""
        reader, at = Reader(), 0.0
        for at, data in self.pieces:
            for start in range(0, len(data), _STEP):  # in one step, a frame of megabytes would keep others waiting
                yield from (Piece(at, frame.raw) for frame in reader.feed(data[start : start + _STEP]))
        yield from (Piece(at, frame.raw) for frame in reader.finish())
