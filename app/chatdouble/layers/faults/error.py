"""The fault `error`: an error status in place of an answer, for streams too."""

from http import HTTPStatus
from math import ceil
from typing import Final

from chatdouble.errors import APIError
from chatdouble.layers.faults.base import Disturbance

FAILED: Final = "The server had an error while processing your request. Sorry about that!"

ERRORS: Final[dict[int, tuple[str, str, str | None]]] = {
    429: ("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
    500: (FAILED, "server_error", None),
    503: ("The server is overloaded or not ready yet.", "service_unavailable_error", "server_is_overloaded"),
}
"""Message, type and code of the errors that are injected most (reference 5.4)."""

_SERVER: Final = 500


class Error(Disturbance):
    """Answers with an error status, 500 unless another is given."""

    name = "error"

    def before(self) -> None:
        """Raise the error.

        Raises:
            APIError: Always, with the status, words and waiting time of the options.
        """
        spec = self.spec
        status = spec.status or _SERVER
        message, kind, code = ERRORS.get(status) or _plain(status)
        error = APIError(
            message if spec.message is None else spec.message,
            status=status,
            type=kind if spec.type is None else spec.type,
            code=code if spec.code is None else spec.code,
        )
        if spec.retry_after is not None:
            wait = {"retry-after": str(ceil(spec.retry_after)), "retry-after-ms": str(ceil(spec.retry_after * 1000))}
            error = error.with_headers(wait)
        raise error


def _plain(status: int) -> tuple[str, str, str | None]:
    if status >= _SERVER:
        return FAILED, "server_error", None
    known = status in HTTPStatus.__members__.values()
    return HTTPStatus(status).phrase if known else f"Error {status}", "invalid_request_error", None
