"""The fault `error`: an error status in place of an answer, for streams too."""

from typing import Final

from chatdouble.backend import Call
from chatdouble.layers.faults.base import Disturbance
from chatdouble.script.error_spec import ErrorSpec
from chatdouble.script.statuses import error_of

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
