"""Reading and changing what frames and bodies say, for faults that alter the JSON and not the bytes."""

from collections.abc import Callable, Iterator
from typing import Any, cast

import orjson

from chatdouble.delivery import Ending, Timed
from chatdouble.wire.encoding import encode, encode_indented

Change = Callable[[dict[str, Any]], None]
"""Alters a chunk or a completion in place."""


def changed_frames(frames: Iterator[Timed], change: Change) -> Iterator[Timed]:
    """Return frames whose chunks are changed; what is no chunk stays as it is."""
    for due, frame in frames:
        chunk = _read(frame[6:]) if isinstance(frame, bytes) and frame.startswith(b"data: {") else None
        if chunk is None:
            yield due, frame
        else:
            change(chunk)
            yield due, b"data: %b\n\n" % encode(chunk)


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
        if isinstance(piece, Ending):
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
