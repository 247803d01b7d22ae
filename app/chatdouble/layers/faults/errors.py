"""The fault `error`: an error status in place of an answer, for streams too."""

from collections.abc import Iterator
from typing import Final

from chatdouble.backend import Call
from chatdouble.backend.delivery import Abort, Timed
from chatdouble.core.errors import APIError
from chatdouble.core.json import encode_indented
from chatdouble.layers.faults.base import Disturbance, cut_stream, whole_body
from chatdouble.scripts.format.delivery import ErrorSpec
from chatdouble.scripts.replying.default_errors import error_of
from chatdouble.streaming.frames import DONE, error_frame

_SAID: Final = {"status", "type", "code", "retry_after"}
"""The options that an error of a script has too."""


class Error(Disturbance):
    """Answers with an error status, 500 unless another is given; its words are the API's unless others are."""

    name = "error"

    def before(self, call: Call) -> None:
        """Raise the error.

        Raises:
            APIError: Always, with the status, words and waiting time of the options.
        """
        spec = ErrorSpec.model_validate(self.spec.model_dump(include=_SAID, exclude_unset=True))
        raise error_of(spec, self.spec.message, call, {})


FAILED: Final = "The server had an error while processing your request. Sorry about that!"
"""What the recorded stream that failed says (streams#errors)."""


class ErrorEvent(Disturbance):
    """Ends a stream with an error's envelope after the first chunk, or where the options say (streams#errors)."""

    name = "error_event"

    def on_frames(self, frames: Iterator[Timed]) -> Iterator[Timed]:
        """Return the frames up to the position, then the error and `[DONE]`."""
        return cut_stream(frames, self.spec, [error_frame(self._error().envelope()), DONE])

    def on_body(self, pieces: Iterator[Timed]) -> Iterator[Timed]:
        """Return the error's envelope in place of the body; the status stays 200."""
        for due, body in whole_body(pieces):
            yield due, body if isinstance(body, Abort) else encode_indented(self._error().envelope())

    def _error(self) -> APIError:
        spec = self.spec
        return APIError(spec.message or FAILED, type=spec.type or "server_error", code=spec.code)
