"""What the API says with each error status, for errors whose script says no more than the status."""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

from chatdouble.backend import Call
from chatdouble.core.clock import duration
from chatdouble.core.errors import APIError
from chatdouble.scripts.format.delivery import ErrorSpec


class Words(NamedTuple):
    """What an error says."""

    message: str
    type: str
    code: str | None


_SERVER: Final = Words("The server had an error while processing your request. Sorry about that!", "server_error", None)
_CLIENT: Final = Words("Your request could not be processed.", "invalid_request_error", None)

WORDS: Final[Mapping[int, Words]] = {
    400: _CLIENT,
    401: Words(
        "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys.",
        "invalid_request_error",
        "invalid_api_key",
    ),
    403: Words("You have insufficient permissions for this operation.", "invalid_request_error", None),
    404: Words(
        "The model `{model}` does not exist or you do not have access to it.",
        "invalid_request_error",
        "model_not_found",
    ),
    429: Words(
        "Rate limit reached for {model} in organization org-chatdouble on requests per min (RPM): Limit 3, Used 3, "
        "Requested 1. Please try again in {wait}. Visit https://platform.openai.com/account/rate-limits to learn more.",
        "requests",
        "rate_limit_exceeded",
    ),
    503: Words(
        "The engine is currently overloaded, please try again later",
        "service_unavailable_error",
        "server_is_overloaded",
    ),
}
"""What the API says with a status (limits#refusals, errors#statuses)."""


def error_of(spec: ErrorSpec, message: str | None, call: Call, headers: Mapping[str, str]) -> APIError:
    """Return the error that a script asks for; what it leaves open is as the API has it.

    Args:
        spec: The error as the script has it.
        message: Its words, filled; None: the API's.
        call: The call that is answered.
        headers: Its headers, filled, names in lower case.
    """
    words = WORDS.get(spec.status, _SERVER if spec.status >= 500 else _CLIENT)  # noqa: PLR2004 - HTTP's own border
    wait = 20.0 if spec.retry_after is None else spec.retry_after
    code = spec.code if spec.type is not None or "code" in spec.model_fields_set else words.code
    error = APIError(
        words.message.format(model=call.model.id, wait=duration(wait).decode()) if message is None else message,
        status=spec.status,
        type=spec.type or words.type,
        param=spec.param,
        code=code,
    )
    return error.with_headers({**_retry(spec.retry_after), **headers})


def _retry(seconds: float | None) -> dict[str, str]:
    """Return the headers that say when to try again (headers#errors): whole seconds, and milliseconds."""
    if seconds is None:
        return {}
    return {"retry-after": str(math.ceil(seconds)), "retry-after-ms": str(round(seconds * 1000))}
