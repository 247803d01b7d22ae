"""What goes wrong between here and an upstream, as the API's own errors."""

import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Final

import httpx2

from chatdouble.core.errors import APIError

TROUBLES: Final[Mapping[type[BaseException], tuple[int, str, str]]] = {
    httpx2.ConnectTimeout: (504, "upstream_timeout", "it could not be connected to in time"),
    httpx2.PoolTimeout: (503, "upstream_busy", "no connection to it was free in time"),
    httpx2.TimeoutException: (504, "upstream_timeout", "it did not answer in time"),
    httpx2.ProxyError: (502, "upstream_unreachable", "the proxy on the way refused"),
    httpx2.ConnectError: (502, "upstream_unreachable", "it cannot be connected to"),
    httpx2.LocalProtocolError: (500, "upstream_error", "the request cannot be sent on"),
    httpx2.HTTPError: (502, "upstream_error", "the connection broke"),
}
"""Kinds of trouble: the status and code they come out with, and what is said. The nearest kind counts."""


@contextmanager
def troubles(origin: str) -> Generator[None]:
    """Turn trouble with an upstream into the API's errors, which name no key and no path.

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
    status, code, said = next(TROUBLES[kind] for kind in type(wrong).__mro__ if kind in TROUBLES)
    tls = _tls(wrong)
    if tls is not None:
        code, said = "upstream_tls_error", f"TLS failed: {tls}"
    return APIError(f"The upstream {origin} gave no answer: {said}.", status=status, type="server_error", code=code)


def _tls(wrong: BaseException | None) -> str | None:
    """Return what TLS says is wrong, if TLS is the cause."""
    while wrong is not None:
        if isinstance(wrong, ssl.SSLCertVerificationError):
            return wrong.verify_message
        if isinstance(wrong, ssl.SSLError):
            return (wrong.reason or "handshake failed").lower().replace("_", " ")
        wrong = wrong.__cause__ or wrong.__context__
    return None
