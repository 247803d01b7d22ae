"""Where in an answer a fault happens: after so many chunks, or so many seconds after the request."""

from collections.abc import Callable, Iterator, Sequence

from chatdouble.delivery import Ending, Timed
from chatdouble.script.delivery_spec import FaultSpec
from chatdouble.wire.frames import DONE


def chunks_before(spec: FaultSpec) -> int:
    """Return after how many chunks a fault happens: one, unless the options say otherwise."""
    return 1 if spec.after_chunks is None else spec.after_chunks


def changed_at(frames: Iterator[Timed], spec: FaultSpec, change: Callable[[bytes], bytes]) -> Iterator[Timed]:
    """Return frames, the one at the fault's position changed."""
    for count, (due, frame) in enumerate(frames):
        there = count == chunks_before(spec)
        yield due, change(frame) if there and isinstance(frame, bytes) else frame


def cut_stream(frames: Iterator[Timed], spec: FaultSpec, tail: Sequence[bytes | Ending]) -> Iterator[Timed]:
    """Let a stream run to the fault's position and end it with a tail.

    A stream with fewer chunks than the position says is cut before its `[DONE]`, so that the fault always happens;
    one that is over before the seconds are is left whole.
    """
    seconds = spec.after_seconds
    chunks = None if seconds is not None and spec.after_chunks is None else chunks_before(spec)
    for count, (due, frame) in enumerate(frames):
        late = seconds is not None and due > seconds
        if late or count == chunks or (frame == DONE and chunks is not None):
            at = min(due, seconds) if seconds is not None else due
            yield from ((at, piece) for piece in tail)
            return
        yield due, frame


def cut_body(pieces: Iterator[Timed], spec: FaultSpec, tail: Sequence[bytes | Ending]) -> Iterator[Timed]:
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
        if isinstance(piece, Ending) or len(piece) >= left:
            yield due, piece[:left] if isinstance(piece, bytes) else piece
            return
        left -= len(piece)
        yield due, piece
