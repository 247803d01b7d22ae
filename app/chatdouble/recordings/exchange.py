"""One exchange with an upstream: what was asked, and the bytes that came back, piece by piece."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, NamedTuple

Headers = tuple[tuple[str, str], ...]

_BLANK: Final = (b"\n\n", b"\r\n\r\n", b"\r\r")
"""What ends a frame of an event stream."""


class Piece(NamedTuple):
    """Bytes of a response's body, and when they came, in seconds after the request."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A request and its answer.

    Attributes:
        request: The request's body, a JSON value.
        status: The HTTP status.
        headers: The response's headers in order, names in lower case.
        pieces: The response's body as it came, not encoded.
    """

    request: Any
    status: int
    headers: Headers
    pieces: tuple[Piece, ...]

    @property
    def streamed(self) -> bool:
        """Whether the response is a stream of events."""
        return any(name == "content-type" and "event-stream" in value.lower() for name, value in self.headers)

    @property
    def body(self) -> bytes:
        """The response's body, whole."""
        return b"".join(piece.data for piece in self.pieces)

    def frames(self) -> Iterator[Piece]:
        """Return the body frame by frame, each with its blank line and the time at which it was whole."""
        body, start = self.body, 0
        ends = [*accumulate(len(piece.data) for piece in self.pieces)]
        arrived = iter(zip(ends, self.pieces, strict=True))
        reached, piece = 0, Piece(0.0, b"")
        for end in _frame_ends(body):
            while reached < end:
                reached, piece = next(arrived)
            yield Piece(piece.at, body[start:end])
            start = end


def _frame_ends(body: bytes) -> Iterable[int]:
    """Return where frames end; what is left after the last blank line is one too."""
    at = 0
    while at < len(body):
        found = [(place, len(blank)) for blank in _BLANK if (place := body.find(blank, at)) >= 0]
        if not found:
            yield len(body)
            return
        place, size = min(found)
        at = place + size
        yield at
