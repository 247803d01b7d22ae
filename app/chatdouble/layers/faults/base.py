"""What every fault is made of."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

import orjson

from chatdouble.backend import Call
from chatdouble.backend.delivery import Abort, Fault, Timed
from chatdouble.core.chance import Chance
from chatdouble.core.json import encode, encode_indented
from chatdouble.core.sse import DONE, Frame
from chatdouble.scripts.format.delivery import FaultSpec


class Disturbance(Fault):
    """A fault with its options; a subclass names itself and overrides what it disturbs.

    Args:
        spec: The fault's options.
        chance: Chance for this answer's fault alone.
    """

    name = ""

    def __init__(self, spec: FaultSpec, chance: Chance) -> None:
        self.spec = spec
        self.chance = chance

    def before(self, call: Call) -> None:
        """Do what the fault does in place of the answer to a call.

        Raises:
            APIError: The fault answers with an error.
        """


def chunks_before(spec: FaultSpec) -> int:
    """Return after how many chunks a fault happens: one, unless the options say otherwise."""
    return 1 if spec.after_chunks is None else spec.after_chunks


def is_done(piece: bytes | Abort) -> bool:
    """Tell whether a frame ends its stream, whatever its line ends."""
    return isinstance(piece, bytes) and Frame(piece).data == DONE


def changed_at(frames: Iterator[Timed], spec: FaultSpec, change: Callable[[bytes], bytes]) -> Iterator[Timed]:
    """Return frames, the one at the fault's position changed."""
    for count, (due, frame) in enumerate(frames):
        there = count == chunks_before(spec)
        yield due, change(frame) if there and isinstance(frame, bytes) else frame


def cut_stream(frames: Iterator[Timed], spec: FaultSpec, tail: Sequence[bytes | Abort]) -> Iterator[Timed]:
    """Let a stream run to the fault's position and end it with a tail.

    A stream with fewer chunks than the position says is cut before its `[DONE]`, so that the fault always happens;
    one that is over before the seconds are is left whole.
    """
    seconds = spec.after_seconds
    chunks = None if seconds is not None and spec.after_chunks is None else chunks_before(spec)
    for count, (due, frame) in enumerate(frames):
        late = seconds is not None and due > seconds
        if late or count == chunks or (chunks is not None and is_done(frame)):
            at = min(due, seconds) if seconds is not None else due
            yield from ((at, piece) for piece in tail)
            return
        yield due, frame


def cut_body(pieces: Iterator[Timed], spec: FaultSpec, tail: Sequence[bytes | Abort]) -> Iterator[Timed]:
    """Let a body run to the fault's position and end it with a tail.

    After no chunks nothing of it is sent, after any number half of it, after seconds what was due until then.
    """
    whole = list(pieces)
    at = whole[0][0] if whole else 0.0
    kept: list[Timed] = []
    if spec.after_seconds is not None:
        at = spec.after_seconds
        kept = [(due, piece) for due, piece in whole if due <= at]
    elif chunks_before(spec):
        kept = [*first_half(whole)]
        at = max((due for due, _ in kept), default=at)
    yield from kept
    yield from ((at, piece) for piece in tail)


def first_half(pieces: Sequence[Timed]) -> Iterator[Timed]:
    """Return the first half of a body's bytes, in its pieces."""
    left = sum(len(piece) for _, piece in pieces if isinstance(piece, bytes)) // 2
    for due, piece in pieces:
        if isinstance(piece, Abort) or len(piece) >= left:
            yield due, piece[:left] if isinstance(piece, bytes) else piece
            return
        left -= len(piece)
        yield due, piece


Change = Callable[[dict[str, Any]], None]
"""Alters a chunk or a completion in place."""


def changed_frames(frames: Iterator[Timed], change: Change) -> Iterator[Timed]:
    """Return frames whose chunks are changed; what is no chunk stays as it is."""
    for at, (due, piece) in enumerate(frames):
        frame = Frame(b"" if isinstance(piece, Abort) else piece, first=at == 0)
        chunk = _read(frame.data or b"")
        if chunk is None:
            yield due, piece
        else:
            change(chunk)
            yield due, frame.with_data(encode(chunk)).raw


def changed_body(pieces: Iterator[Timed], change: Change) -> Iterator[Timed]:
    """Return a body whose completion is changed; what is no JSON object stays as it is."""
    for due, piece in whole_body(pieces):
        completion = _read(piece) if isinstance(piece, bytes) else None
        if completion is None:
            yield due, piece
        else:
            change(completion)
            yield due, encode_indented(completion) + b"\n"


def whole_body(pieces: Iterator[Timed]) -> Iterator[Timed]:
    """Return a body as one piece, due when its last piece was, and after it an ending if it had one."""
    body, due = b"", 0.0
    for due, piece in pieces:
        if isinstance(piece, Abort):
            yield from ((due, body), (due, piece))
            return
        body += piece
    yield due, body


def _read(text: bytes) -> dict[str, Any] | None:
    try:
        found: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None
