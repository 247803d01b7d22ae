"""The Responses API's bodies and streams, as the sender needs them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from chatdouble.backend import Answer, Call, Piece
from chatdouble.core.errors import APIError
from chatdouble.core.json import encode, encode_each, encode_indented
from chatdouble.core.json_in_steps import encode_in_steps, indented_in_steps
from chatdouble.streaming.frames import in_writes
from chatdouble.streaming.repeated import block, padding, padding_pool, paddings
from chatdouble.streaming.response_event import Deltas, Event, Step, event, one_by_one
from chatdouble.streaming.responses import events, text_cutter
from chatdouble.tokens.tokenizer import in_groups

_DELTA: Final = ".delta"
_DELTA_LINE: Final = b".delta\n"
_LAST: Final = tuple(b"event: response.%b\n" % end for end in (b"completed", b"incomplete", b"failed"))


class EventFramer:
    """Numbers, pads and frames the events of one stream.

    Args:
        call: The call to answer. It decides about the padding.
        after: The number of the last event that is left out; -1: none is.
        padded: Whether deltas are padded, unless the call says otherwise.
    """

    __slots__ = ("_after", "_is_long", "_number", "_pool")

    def __init__(self, call: Call[Any], after: int = -1, *, padded: bool = True) -> None:
        padded = padded and as_options(call).get("include_obfuscation") is not False
        self._pool = padding_pool(call) if padded else b""
        self._number = 0
        self._after = after
        self._is_long = call.delivery.is_long

    def frame(self, made: Mapping[str, Any]) -> bytes:
        """Return an event's frame; a delta is padded to a multiple of 16 characters (responses#obfuscation)."""
        kind: str = made["type"]
        numbered = {**made, "sequence_number": self._number}
        if self._pool and kind.endswith(_DELTA):
            numbered["obfuscation"] = padding(self._pool, self._number, len(made["delta"])).decode()
        self._number += 1
        return event_frame(numbered)

    def frames(self, steps: Iterable[Step]) -> Iterator[bytes]:
        """Return the frames of events one by one, those that are left out excepted."""
        for one in one_by_one(steps):
            number, frame = self._number, self.frame(one)
            if number > self._after:
                yield frame

    def blocks(self, steps: Iterable[Step]) -> Iterator[bytes]:
        """Return the frames that `frames` does: those of a text in blocks, which is several times as fast.

        A long event comes in pieces.
        """
        for step in steps:
            if not isinstance(step, Deltas):
                in_steps = self._is_long and not step["type"].endswith(_DELTA)
                yield from self._frame_in_steps(step) if in_steps else self.frames((step,))
                continue
            parts = _parts(step.event, padded=bool(self._pool))
            for pieces in in_groups(step.pieces, _BLOCK):
                number, left_out = self._number, max(self._after + 1 - self._number, 0)
                self._number += len(pieces)
                if left_out < len(pieces):
                    yield self._block(parts, number + left_out, pieces[left_out:])

    def _frame_in_steps(self, made: Event) -> Iterator[bytes]:
        """Yield the pieces of a long event's frame, so that others get their turns meanwhile."""
        number = self._number
        self._number += 1
        if number > self._after:
            yield b"event: %b\ndata: " % made["type"].encode()
            yield from encode_in_steps(_ordered({**made, "sequence_number": number}))
            yield b"\n\n"

    def _block(self, parts: Sequence[bytes], number: int, pieces: Sequence[str]) -> bytes:
        """Return the frames of consecutive deltas, of which the first has a number."""
        numbers = encode([*range(number, number + len(pieces))])[1:-1].split(b",")
        if not self._pool:
            return b"".join(block(parts, encode_each(pieces), numbers))
        pads = paddings(self._pool, number, map(len, pieces))
        return b"".join(block(parts, encode_each(pieces), pads, numbers))


def _parts(event: Event, *, padded: bool) -> Sequence[bytes]:
    """Return the parts of a delta's frame around its delta, its padding and its number."""
    varying = {"delta", "sequence_number", *(("obfuscation",) if padded else ())}
    parts: list[bytes] = []
    held = b"event: %b\ndata: {" % event["type"].encode()
    for name in ("type", *sorted({*event, *varying} - {"type"})):
        held += b'"%b":' % name.encode()
        if name in varying:
            parts.append(held)
            held = b","
        else:
            held += encode(event[name]) + b","
    parts.append(held[:-1] + b"}\n\n")
    if padded:  # with characters, around which the quotes are missing
        parts[1] += b'"'
        parts[2] = b'"' + parts[2]
    return parts


def event_frame(event: Mapping[str, Any]) -> bytes:
    """Return an event's frame: its type first, and the rest in the order of the names (responses#streams)."""
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), encode(_ordered(event)))


def _ordered(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": event["type"], **{name: event[name] for name in sorted(event) if name != "type"}}


def as_options(call: Call[Any]) -> Mapping[str, Any]:
    """Return the `stream_options` of a call's request."""
    options: Mapping[str, Any] | None = call.original.request.stream_options if call.original else None
    return options or {}


class EventStream:
    """A stream of the API's own events, which hold the whole answer at their end.

    Args:
        call: The call it answers.
    """

    __slots__ = ("_answer", "_framer")

    def __init__(self, call: Call[Any]) -> None:
        self._framer = EventFramer(call)
        self._answer: Answer | None = None

    def add(self, piece: Piece) -> None:
        """Keep the answer that an event holds."""
        held = piece.get("response")
        if isinstance(held, dict):
            self._answer = held

    def frame(self, piece: Piece) -> bytes:
        """Keep the answer that an event holds, and return its frame."""
        self.add(piece)
        return self._framer.frame(piece)

    def failure(self, error: APIError) -> Iterator[bytes]:
        """Return the frames of the error and of the response that failed (responses#stream-errors)."""
        if self._answer is None:
            raise error
        return self._framer.frames(failure(self._answer, error))

    def answer(self) -> Answer | None:
        """Return the response as far as it came; None: no event held it."""
        return self._answer


def failure(response: Mapping[str, Any], error: APIError) -> Iterator[Event]:
    """Yield the last events of a failed stream (responses#stream-errors)."""
    told = error.envelope()["error"]
    yield {"type": "error", "error": {name: told[name] for name in ("type", "code", "message", "param")}}
    # Code and message are all that a response shows of its error.
    failed = {"code": error.code or "server_error", "message": error.message}
    kept = {key: value for key, value in response.items() if key != "billing"}
    yield event("failed", response={**kept, "status": "failed", "error": failed, "completed_at": None})


def error_events(response: Mapping[str, Any], error: APIError, number: int) -> Iterator[bytes]:
    """Return the frames that end a stream with an error.

    Args:
        response: The response as it was last sent.
        error: The error.
        number: The number of the first of the events.
    """
    for at, one in enumerate(failure(response, error), number):
        yield event_frame({**one, "sequence_number": at})


class ResponsesCodec:
    """Turns responses into bodies and streams of events."""

    @property
    def done(self) -> bytes:
        """The last frame of every stream: none, since the last event ends it."""
        return b""

    def is_last(self, frame: bytes) -> bool:
        """Tell whether a frame is of the event that ends a stream."""
        return frame.startswith(_LAST)

    def is_paced(self, frame: bytes) -> bool:
        """Tell whether a frame waits for its token: a delta does, all others leave with what is before them."""
        return _DELTA_LINE in frame[:_HEAD]

    def body(self, answer: Answer, *, in_steps: bool = False) -> bytes:
        """Return a response's body: indented by two, UTF-8 (responses#bodies)."""
        return indented_in_steps(answer) if in_steps else encode_indented(answer)

    def frames(self, answer: Answer, call: Call[Any]) -> Iterator[bytes]:
        """Return a response's stream frame by frame."""
        return EventFramer(call).frames(events(answer, text_cutter(call)))

    def writes(self, answer: Answer, call: Call[Any]) -> Iterator[bytes]:
        """Return a response's stream in as few pieces as possible."""
        return in_writes(EventFramer(call).blocks(events(answer, text_cutter(call))))

    def steps(self, answer: Answer, call: Call[Any]) -> int:
        """Return the number of deltas."""
        return sum(one["type"].endswith(_DELTA) for one in one_by_one(events(answer, text_cutter(call))))

    def stream(self, call: Call[Any]) -> EventStream:
        """Begin a stream of events."""
        return EventStream(call)


_HEAD: Final = 80
"""Bytes within which a frame's event line ends."""
_BLOCK: Final = 128
"""The deltas in a block, some 40 KB."""
