"""Gates on the way of an answer: it stops at each, and goes on, or ends, as a test says."""

import asyncio
import math
import sys
from collections.abc import AsyncGenerator, Iterator
from functools import reduce
from typing import Any, Final

from chatdouble.backend import Abort, Call, Stop, Timed
from chatdouble.backend.original import CHAT
from chatdouble.core.errors import server_error
from chatdouble.core.json import as_object
from chatdouble.core.sse import DONE, DONE_FRAME, LAST_EVENTS, Frame, Reader
from chatdouble.http.disturbing import closing
from chatdouble.http.paced_response import Pieces
from chatdouble.state.gates import Held
from chatdouble.streaming.frames import error_frame
from chatdouble.streaming.responses import opening
from chatdouble.streaming.responses_codec import error_events

_CUTS: Final = {"disconnect": Abort.HANGUP, "reset": Abort.RESET}
_ALL: Final = sys.maxsize
"""More chunks than any stream has."""
_ENDED: Final = math.inf
"""The chunks of a stream that has come to its `[DONE]`: more than all."""


def gated(call: Call[Any], pieces: Pieces, *, stream: bool) -> Pieces:
    """Return pieces that stop at the gates of a call.

    What was waited at a gate is added to the due times of all later pieces. A gate counts the chunks that are sent,
    after the faults.

    Args:
        call: The call, whose gates are in its delivery.
        pieces: The pieces.
        stream: Whether they are a stream; any other answer is one piece, which stops before its first byte.
    """
    return reduce(lambda so_far, stop: _Passage(call, stop, stream=stream).through(so_far), call.delivery.gates, pieces)


class _Passage:
    """The way of one answer through one gate.

    Args:
        call: The call.
        stop: The gate.
        stream: Whether the answer is a stream.
    """

    def __init__(self, call: Call[Any], stop: Stop, *, stream: bool) -> None:
        self._call = call
        self._stop = stop
        self._chunks = _Chunks() if stream else None
        self._limit: float = (_ALL if stop.chunks is None else stop.chunks) if stream else 0
        self._held: Held | None = None
        self._sent = 0
        self._note: dict[str, Any] = {}

    async def through(self, pieces: Pieces) -> AsyncGenerator[Timed]:
        """Yield pieces, those behind the gate when they may go on.

        Raises:
            APIError: The answer was aborted with an error, and nothing has been sent.
        """
        late = 0.0
        each = _each(pieces)
        try:
            async with closing(each):
                async for due, piece in each:
                    if self._is_behind(piece):
                        late += await self._wait(last=self._is_last(piece))
                    if self._is_aborted:
                        break
                    self._sent += 1
                    yield due + late, piece
            if self._held is None:  # a stream without `[DONE]`
                await self._wait(last=True)
            for piece in self._ending():
                yield 0.0, piece
        except (asyncio.CancelledError, GeneratorExit):
            self._lose()
            raise
        finally:
            self._leave()

    @property
    def _is_aborted(self) -> bool:
        return self._held is not None and self._held.how is not None

    def _is_behind(self, piece: bytes | Abort) -> bool:
        """Tell whether a piece may go on only when it is released."""
        if self._held is not None and self._held.going is not None:
            return False
        if isinstance(piece, Abort):
            return True
        if self._chunks is None:
            return self._held is None
        chunks = self._chunks.after(piece)
        if chunks <= self._limit:
            return False
        self._limit = max(self._limit + 1, chunks)
        return True

    def _is_last(self, piece: bytes | Abort) -> bool:
        """Tell whether the answer leaves the gate with this piece."""
        return self._chunks is None or isinstance(piece, Abort) or self._limit == _ENDED

    async def _wait(self, *, last: bool) -> float:
        """Wait for the release; return the seconds that it took."""
        call, stop = self._call, self._stop
        begun = call.elapsed()
        held = self._held
        if held is None:
            call.delivery.gates = tuple(one for one in call.delivery.gates if one is not stop)
            held = self._held = stop.gate.enter(call.id, stop.since())
            self._note = {"name": stop.name, "since": held.since, "milliseconds": 0.0, "outcome": "waiting"}
            call.notes.gates += (self._note,)
        await held.passage(stop.timeout)
        waited = call.elapsed() - begun
        self._note["milliseconds"] = round(self._note["milliseconds"] + waited * 1000, 3)
        if last or held.going is not None:
            self._leave()
        return waited

    def _leave(self) -> None:
        """Leave the gate, for whatever reason; a wait that was too long is a problem."""
        held, stop = self._held, self._stop
        if held is None or self._note["outcome"] != "waiting":
            return
        self._note["outcome"] = held.going or "released"
        stop.gate.leave(held)
        if held.going == "timed out":
            found = f"nobody released gate {stop.name!r} within {stop.timeout:g} seconds, so the answer went on"
            self._call.notes.problems += ({"kind": "gate_timed_out", "gate": stop.name, "found": found},)

    def _ending(self) -> Iterator[bytes | Abort]:
        """Yield the end of an aborted answer.

        Raises:
            APIError: It is an error, and nothing has been sent.
        """
        how = self._held.how if self._held is not None else None
        if how is None:
            return
        if how != "error":
            yield _CUTS[how]
            return
        error = server_error()
        if not self._sent:
            raise error
        self._call.notes.error = error.envelope()["error"]
        if self._call.api == CHAT:
            yield from (error_frame(error.envelope()), DONE_FRAME)
        else:
            yield from error_events(opening(as_object(self._call.answer)), error, self._sent)

    def _lose(self) -> None:
        """Note that the client has left, if it did so while the answer was held."""
        if self._held is not None and self._note["outcome"] == "waiting":
            self._note["outcome"] = "client left"
            self._stop.gate.lose(self._held)


class _Chunks:
    """The chunks of a stream, counted as they are sent."""

    def __init__(self) -> None:
        self._reader = Reader()
        self._whole: float = 0

    def after(self, piece: bytes) -> float:
        """Return the chunks that have begun once a piece has been sent; `[DONE]` is more than all of them."""
        for frame in self._reader.feed(piece):
            self._whole += _weight(frame)
        begun = self._reader.begun
        return self._whole + (_weight(Frame(begun)) or 1 if begun and not begun.startswith(b":") else 0)


def _weight(frame: Frame) -> float:
    """Return the chunks that a frame counts for, which may be a part of one: comments count for none."""
    data = frame.data
    if data is None:
        return 0
    return _ENDED if (data and DONE.startswith(data)) or frame.event in LAST_EVENTS else 1


async def _each(pieces: Pieces) -> AsyncGenerator[Timed]:
    if isinstance(pieces, Iterator):
        for timed in pieces:
            yield timed
        return
    async with closing(pieces):
        async for timed in pieces:
            yield timed
