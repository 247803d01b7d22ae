"""The fault `error_event`: an error after the answer has begun with status 200."""

from collections.abc import Iterator
from typing import Final

from chatdouble.delivery import Ending, Timed
from chatdouble.errors import APIError
from chatdouble.layers.faults.base import Disturbance
from chatdouble.layers.faults.contents import whole_body
from chatdouble.layers.faults.position import cut_stream
from chatdouble.wire.encoding import encode_indented
from chatdouble.wire.frames import DONE, error_frame

FAILED: Final = "The server had an error while processing your request. Sorry about that!"
"""What the recorded stream that failed says (wire 4)."""


class ErrorEvent(Disturbance):
    """Ends a stream with an error's envelope after the first chunk, or where the options say (wire 4)."""

    name = "error_event"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then the error and `[DONE]`."""
        return cut_stream(frames, self.spec, [error_frame(self._error().envelope()), DONE])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the error's envelope in place of the body; the status stays 200."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Ending) else encode_indented(self._error().envelope())

    def _error(self) -> APIError:
        spec = self.spec
        return APIError(spec.message or FAILED, type=spec.type or "server_error", code=spec.code)
