"""Failures on the way to an upstream, as errors of the API."""

import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final

import httpx2

from chatdouble.core.errors import APIError

FAILURES: Final[Mapping[type[BaseException], tuple[int, str, str]]] = {
    httpx2.ConnectTimeout: (504, "upstream_timeout", "connecting took too long"),
    httpx2.PoolTimeout: (503, "upstream_busy", "no connection became free in time"),
    httpx2.TimeoutException: (504, "upstream_timeout", "no answer in time"),
    httpx2.ProxyError: (502, "upstream_unreachable", "the proxy refused the connection"),
    httpx2.ConnectError: (502, "upstream_unreachable", "could not connect"),
    httpx2.LocalProtocolError: (500, "upstream_error", "the request is not valid HTTP"),
    httpx2.HTTPError: (502, "upstream_error", "the connection broke"),
}
"""Status, code and reason by kind of failure. The nearest base class of an exception counts."""


@contextmanager
def upstream_errors(origin: str) -> Generator[None]:
    """Turn failures of an upstream into the API's errors, which reveal neither key nor path.

    Args:
        origin: The upstream's scheme, host and port.

    Raises:
        APIError: 500, 502, 503 or 504, of type `server_error`.
    """
    try:
        yield
    except httpx2.HTTPError as wrong:
        raise _error(wrong, origin) from wrong


def _error(wrong: httpx2.HTTPError, origin: str) -> APIError:
    status, code, reason = next(FAILURES[kind] for kind in type(wrong).__mro__ if kind in FAILURES)
    tls_reason = _tls_reason(wrong)
    if tls_reason is not None:
        code, reason = "upstream_tls_error", f"TLS failed: {tls_reason}"
    return _failed(origin, status, code, reason)


def header_error(origin: str) -> APIError:
    """Return the error of an upstream whose answer has a header that cannot be passed on.

    Args:
        origin: The upstream's scheme, host and port.
    """
    return _failed(origin, 502, "upstream_error", "a header of its answer has control characters")


def _failed(origin: str, status: int, code: str, reason: str) -> APIError:
    message = f"The upstream {origin} failed: {reason}."
    return APIError(message, status=status, type="server_error", code=code)


def _tls_reason(wrong: BaseException | None) -> str | None:
    """Return the reason that TLS gives, if TLS is the cause."""
    while wrong is not None:
        if isinstance(wrong, ssl.SSLCertVerificationError):
            return wrong.verify_message
        if isinstance(wrong, ssl.SSLError):
            return (wrong.reason or "handshake failed").lower().replace("_", " ")
        wrong = wrong.__cause__ or wrong.__context__
    return None
