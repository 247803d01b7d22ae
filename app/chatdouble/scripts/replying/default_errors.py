"""The API's default message, type and code for each error status."""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from chatdouble.backend import Call
from chatdouble.core.clock import duration
from chatdouble.core.errors import SERVER_ERROR_MESSAGE, APIError
from chatdouble.scripts.format.faults import ErrorSpec


class DefaultError(NamedTuple):
    """The default values of an error."""

    message: str
    type: str
    code: str | None


SERVER_ERROR: Final = DefaultError(SERVER_ERROR_MESSAGE, "server_error", None)
_CLIENT_ERROR: Final = DefaultError("Your request could not be processed.", "invalid_request_error", None)

DEFAULT_ERRORS: Final[Mapping[int, DefaultError]] = {
    400: _CLIENT_ERROR,
    401: DefaultError(
        "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
        "invalid_request_error",
        "invalid_api_key",
    ),
    403: DefaultError("You have insufficient permissions for this operation.", "invalid_request_error", None),
    404: DefaultError(
        "The model `{model}` does not exist or you do not have access to it.",
        "invalid_request_error",
        "model_not_found",
    ),
    429: DefaultError(
        "Rate limit reached for {model} in organization org-chatdouble on requests per min (RPM): Limit 3, Used 3, "
        "Requested 1. Please try again in {wait}. Visit https://platform.openai.com/account/rate-limits to learn more.",
        "requests",
        "rate_limit_exceeded",
    ),
    503: DefaultError(
        "The engine is currently overloaded, please try again later",
        "service_unavailable_error",
        "server_is_overloaded",
    ),
}
"""The defaults by status (limits#refusals, errors#statuses); other statuses have those of 400 or 500."""


def error_of(spec: ErrorSpec, message: str | None, call: Call, headers: Mapping[str, str]) -> APIError:
    """Return the error that a script describes, completed with the API's defaults for its status.

    Args:
        spec: The error in the script.
        message: The message with templates rendered; None: the default.
        call: The call to answer.
        headers: The headers with templates rendered, names in lower case.
    """
    default = DEFAULT_ERRORS.get(spec.status, SERVER_ERROR if spec.status >= 500 else _CLIENT_ERROR)  # noqa: PLR2004 - HTTP
    wait = 20.0 if spec.retry_after is None else spec.retry_after
    # A type of the script's own has no default code.
    code = spec.code if spec.type is not None or "code" in spec.model_fields_set else default.code
    error = APIError(
        default.message.format(model=call.model.id, wait=duration(wait).decode()) if message is None else message,
        status=spec.status,
        type=spec.type or default.type,
        param=spec.param,
        code=code,
    )
    return error.with_headers({**_retry_headers(spec.retry_after), **headers})


def _retry_headers(seconds: float | None) -> dict[str, str]:
    """Return the headers that tell when to retry (headers#errors), in whole seconds and in milliseconds."""
    if seconds is None:
        return {}
    return {"retry-after": str(math.ceil(seconds)), "retry-after-ms": str(round(seconds * 1000))}
