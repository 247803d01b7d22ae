"""Faults that answer with an error: a status, or an event in a stream."""

from collections.abc import Iterator

from chatdouble.backend import Call
from chatdouble.backend.delivery import Abort, Timed
from chatdouble.core.errors import SERVER_ERROR_MESSAGE, APIError
from chatdouble.core.json import encode_indented
from chatdouble.layers.faults.base import Disturbance, cut_stream, whole_body
from chatdouble.scripts.format.faults import ErrorEventFault, ErrorFault
from chatdouble.scripts.replying.default_errors import error_of
from chatdouble.streaming.frames import DONE, error_frame


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
    """Ends a stream with the envelope of an error and `[DONE]` (streams#errors)."""

    name = "error_event"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then the error and `[DONE]`."""
        return cut_stream(frames, self.options, [error_frame(self._error().envelope()), DONE])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Yield the error's envelope instead of the body; the status stays 200."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else encode_indented(self._error().envelope())

    def _error(self) -> APIError:
        options = self.options
        # A recorded stream that failed has this message too (streams#errors).
        return APIError(options.message or SERVER_ERROR_MESSAGE, type=options.type, code=options.code)
