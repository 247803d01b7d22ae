"""Faults that answer with an error: a status, or an event in a stream."""

from collections.abc import Iterator
from typing import Any

from chatdouble.backend import Call
from chatdouble.backend.delivery import Abort, Timed
from chatdouble.backend.original import CHAT
from chatdouble.core.errors import SERVER_ERROR_MESSAGE, APIError
from chatdouble.core.json import as_object, encode_indented, json_body
from chatdouble.core.sse import DONE_FRAME, Frame
from chatdouble.layers.faults.base import Disturbance, cut_stream, whole_body
from chatdouble.scripts.format.faults import ErrorEventFault, ErrorFault
from chatdouble.scripts.replying.default_errors import error_of
from chatdouble.streaming.frames import error_frame
from chatdouble.streaming.responses_codec import error_events


class Error(Disturbance[ErrorFault]):
    """Answers with an error status, for streams too."""

    name = "error"

    def before(self, call: Call) -> None:
        """Raise the error.

        Raises:
            APIError: Always.
        """
        raise error_of(self.options.error(), self.options.message, call, {})


class ErrorEvent(Disturbance[ErrorEventFault]):
    """Ends a stream with the envelope of an error and `[DONE]` (streams#errors).

    The stream of a response ends with an event of its own, and with the response that failed.
    """

    name = "error_event"

    _is_response = False

    def before(self, call: Call) -> None:
        """Note which API the answer is of."""
        self._is_response = call.api != CHAT

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then the error and `[DONE]`."""
        if self._is_response:
            return self._on_events(frames)
        return cut_stream(frames, self.options, [error_frame(self._error().envelope()), DONE_FRAME])

    def _on_events(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        due, last = 0.0, b""
        opened: dict[str, Any] = {}
        for due, piece in cut_stream(frames, self.options, [Abort.HANGUP]):
            if isinstance(piece, Abort):
                break
            yield due, piece
            last = piece
            opened = opened or as_object(json_body(Frame(piece).data or b"").get("response"))
        else:
            return  # it ended before the error was due
        number = json_body(Frame(last).data or b"").get("sequence_number", -1) + 1
        yield from ((due, frame) for frame in error_events(opened, self._error(), number))

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the error's envelope instead of the body; the status stays 200."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else encode_indented(self._error().envelope())

    def _error(self) -> APIError:
        options = self.options
        # A recorded stream that failed has this message too (streams#errors).
        return APIError(options.message or SERVER_ERROR_MESSAGE, type=options.type, code=options.code)
