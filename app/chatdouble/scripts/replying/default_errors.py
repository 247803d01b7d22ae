"""The API's errors that scripts ask for by name, code, type or status."""

import math
from collections.abc import Callable, Mapping
from typing import Final

from chatdouble.backend import Call
from chatdouble.catalogue.catalogue import UnknownModelError
from chatdouble.core.errors import APIError, server_error
from chatdouble.core.head import given_key
from chatdouble.scripts.format.faults import ErrorName, ErrorSpec
from chatdouble.validation import context
from chatdouble.validation.wording import messages, models, refusals, requests

_ORGANIZATION: Final = "org-chatdouble"
_WAIT: Final = 20.0
"""The seconds that a rate limit's message names if the script does not set `retry_after`."""
_WINDOW: Final = 128_000
"""The context of a model that is not known."""

Make = Callable[[Call, float], APIError]


def _requests(call: Call, wait: float) -> APIError:
    where = refusals.at_limit(call.model.id, _ORGANIZATION, "requests per min (RPM)")
    return refusals.limit_reached(refusals.OverLimit(where, "requests", 3, 3, 1), wait)


def _tokens(call: Call, wait: float) -> APIError:
    where = refusals.at_limit(call.model.id, _ORGANIZATION, "tokens per min (TPM)")
    return refusals.limit_reached(refusals.OverLimit(where, "tokens", 30_000, 28_000, 12_000), wait)


def _context(call: Call, _wait: float) -> APIError:
    model = call.model
    if not model.known:
        return messages.over_context(_WINDOW, _WINDOW + 1)
    return context.exceeded(model, (model.input_limit or model.context_window) + 1)


NAMED_ERRORS: Final[Mapping[ErrorName, Make]] = {
    "insufficient_quota": lambda _call, _wait: refusals.insufficient_quota(),
    "rate_limit_exceeded": _requests,
    "tokens_per_minute": _tokens,
    "context_length_exceeded": _context,
    "model_not_found": lambda call, _wait: models.unserved(UnknownModelError(call.model.id)),
    "invalid_api_key": lambda call, _wait: refusals.invalid_api_key(given_key(call.headers) or call.session.shown),
    "content_filter": lambda _call, _wait: refusals.ContentFilterError(),
    "server_error": lambda _call, _wait: server_error(),
    "overloaded": lambda _call, _wait: refusals.overloaded(),
}
"""The errors by name; of two with the same code, the first is the one that the code alone asks for."""

_BY_STATUS: Final[Mapping[int, ErrorName]] = {
    401: "invalid_api_key",
    404: "model_not_found",
    429: "rate_limit_exceeded",
    503: "overloaded",
}
_SERVER: Final = 500


def error_of(spec: ErrorSpec, message: str | None, call: Call, headers: Mapping[str, str]) -> APIError:
    """Return the error that a script describes, completed with what belongs together in the API.

    Args:
        spec: The error in the script.
        message: The message with templates rendered; None: the API's.
        call: The call to answer.
        headers: The headers with templates rendered, names in lower case.
    """
    wait = _WAIT if spec.retry_after is None else spec.retry_after
    error = NAMED_ERRORS[spec.name](call, wait) if spec.name else _alike(spec, call, wait)
    given = spec.model_fields_set
    error.status = spec.status or error.status
    error.type = spec.type or error.type
    error.message = error.message if message is None else APIError(message).message  # as long as one may be
    error.param = spec.param if "param" in given else error.param
    error.code = spec.code if "code" in given else error.code
    return error.with_headers({**_retry_headers(spec.retry_after), **headers})


def _alike(spec: ErrorSpec, call: Call, wait: float) -> APIError:
    """Return the API's error with the code and type of a script, and with its status if there is one."""
    if spec.code is None and spec.type is None:
        return _of_status(spec.status or _SERVER, call, wait)
    made = [make(call, wait) for make in NAMED_ERRORS.values()]
    alike = [error for error in made if spec.code in (None, error.code) and spec.type in (None, error.type)]
    found = next((error for error in alike if spec.status in (None, error.status)), None)
    # `invalid_request_error` alone is no reason to take one of its errors rather than the status's own.
    if found is None and spec.code is not None:
        found = next(iter(alike), None)
    if found is not None and not (spec.code is None and found.type == "invalid_request_error"):
        return found
    default = _of_status(spec.status or _SERVER, call, wait)
    if spec.type not in (None, default.type):
        default.code = None  # a type of the script's own has no code
    return default


def _of_status(status: int, call: Call, wait: float) -> APIError:
    """Return the API's error of a status (errors#statuses)."""
    if status in _BY_STATUS:
        return NAMED_ERRORS[_BY_STATUS[status]](call, wait)
    if status >= _SERVER:
        return server_error()
    if status == 403:  # noqa: PLR2004 - HTTP
        return requests.insufficient_permissions()
    return requests.not_processed()


def _retry_headers(seconds: float | None) -> dict[str, str]:
    """Return the headers that tell when to retry (headers#errors), in whole seconds and in milliseconds."""
    if seconds is None:
        return {}
    return {"retry-after": str(math.ceil(seconds)), "retry-after-ms": str(round(seconds * 1000))}
