"""The base class of faults, and the changes to frames and bodies that several faults share."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Generic, TypeVar, cast

import orjson

from chatdouble.backend import Call, Reply
from chatdouble.backend.delivery import Abort, Fault, Timed
from chatdouble.core.chance import Chance
from chatdouble.core.json import encode, encode_indented
from chatdouble.core.sse import DONE, LAST_EVENTS, Frame
from chatdouble.scripts.format.faults import FaultSpec, PositionedFault

Options = TypeVar("Options", bound=FaultSpec)


class Disturbance(Fault, Generic[Options]):
    """A fault with its options. A subclass names itself and overrides the parts of an answer that it changes.

    Args:
        options: The options, as `scripts.format.faults` declares them.
        chance: The source of randomness for this answer and fault.
    """

    name: str = ""

    def __init__(self, options: Options, chance: Chance) -> None:
        self.options = options
        self.chance = chance

    def before(self, call: Call) -> None:
        """Run before the answer is made or used.

        Raises:
            APIError: The fault answers with an error instead.
        """

    async def on_reply(self, reply: Reply, call: Call) -> Reply:
        """Return the answer to send instead of the backend's."""
        del call
        return reply


def is_done(piece: bytes | Abort) -> bool:
    """Tell whether a frame ends its stream, whatever its line ends: `[DONE]`, or the last event of a response."""
    if not isinstance(piece, bytes):
        return False
    frame = Frame(piece)
    return frame.data == DONE or frame.event in LAST_EVENTS


def changed_at(frames: Iterator[Timed], position: int, change: Callable[[bytes], bytes]) -> Iterator[Timed]:
    """Yield frames, the one at a position changed."""
    for count, (due, frame) in enumerate(frames):
        yield due, change(frame) if count == position and isinstance(frame, bytes) else frame


def cut_stream(frames: Iterator[Timed], options: PositionedFault, tail: Sequence[bytes | Abort]) -> Iterator[Timed]:
    """Yield a stream up to the position of a fault, then a tail.

    A stream with fewer chunks is cut before its `[DONE]`, so that the fault always happens. A stream that ends before
    `after_seconds` stays whole.
    """
    chunks, seconds = options.chunks, options.after_seconds
    for count, (due, frame) in enumerate(frames):
        late = seconds is not None and due > seconds
        if late or count == chunks or (chunks is not None and is_done(frame)):
            at = min(due, seconds) if seconds is not None else due
            crlf = isinstance(frame, bytes) and b"\r\n" in frame
            yield from ((at, _with_crlf(piece) if crlf else piece) for piece in tail)
            return
        yield due, frame


def _with_crlf(piece: bytes | Abort) -> bytes | Abort:
    return piece.replace(b"\n", b"\r\n") if isinstance(piece, bytes) else piece


def cut_body(pieces: Iterator[Timed], options: PositionedFault, tail: Sequence[bytes | Abort]) -> Iterator[Timed]:
    """Yield a body up to the position of a fault, then a tail.

    After 0 chunks nothing of the body is sent, after any other number half of it, after seconds the pieces due by then.
    """
    whole = list(pieces)
    at = whole[0][0] if whole else 0.0
    kept: list[Timed] = []
    if options.after_seconds is not None:
        at = options.after_seconds
        kept = [(due, piece) for due, piece in whole if due <= at]
    elif options.chunks:
        kept = [*first_half(whole)]
        at = max((due for due, _ in kept), default=at)
    yield from kept
    yield from ((at, piece) for piece in tail)


def first_half(pieces: Sequence[Timed]) -> Iterator[Timed]:
    """Yield the first half of a body's bytes, in its pieces."""
    left = sum(len(piece) for _, piece in pieces if isinstance(piece, bytes)) // 2
    for due, piece in pieces:
        if isinstance(piece, Abort) or len(piece) >= left:
            yield due, piece[:left] if isinstance(piece, bytes) else piece
            return
        left -= len(piece)
        yield due, piece


Change = Callable[[dict[str, Any]], None]
"""Changes a chunk or a completion in place."""


def changed_frames(frames: Iterator[Timed], change: Change) -> Iterator[Timed]:
    """Yield frames with their chunks changed; frames without a chunk stay the same."""
    for at, (due, piece) in enumerate(frames):
        frame = Frame(b"" if isinstance(piece, Abort) else piece, first=at == 0)
        chunk = _object_in(frame.data or b"")
        if chunk is None:
            yield due, piece
        else:
            change(chunk)
            yield due, frame.with_data(encode(chunk)).raw


def changed_body(pieces: Iterator[Timed], change: Change) -> Iterator[Timed]:
    """Yield a body with its completion changed; a body that is not a JSON object stays the same."""
    for due, piece in whole_body(pieces):
        completion = _object_in(piece) if isinstance(piece, bytes) else None
        if completion is None:
            yield due, piece
        else:
            change(completion)
            yield due, encode_indented(completion, end=b"\n")


def whole_body(pieces: Iterator[Timed]) -> Iterator[Timed]:
    """Yield a body as one piece, due when its last piece is; then the abort, if there is one."""
    body, due = b"", 0.0
    for due, piece in pieces:
        if isinstance(piece, Abort):
            yield from ((due, body), (due, piece))
            return
        body += piece
    yield due, body


def _object_in(text: bytes) -> dict[str, Any] | None:
    try:
        found: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None
