"""The response headers of every answer and every error."""

from typing import Any, Final

from chatdouble.backend import Call
from chatdouble.core.chance import Chance
from chatdouble.core.errors import APIError
from chatdouble.core.head import Pairs, merged, safe_value
from chatdouble.http.bodies import from_edge

_ALWAYS: Final = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains; preload"),
    (b"x-content-type-options", b"nosniff"),
    (b"access-control-expose-headers", b"X-Request-ID"),
)
_ANY_ORIGIN: Final = (b"access-control-allow-origin", b"*")
_UNAUTHORIZED: Final = 401
_ASKS_FOR_KEY: Final = (b"www-authenticate", b'Bearer realm="OpenAI API"')
_FROM_EDGE: Final = (b"vary", b"Origin")
WARNING: Final = b"x-double-warning"
"""The header that carries what lenient validation let pass."""
_LONGEST_WARNING: Final = 2000
"""Clients accept a few thousand bytes of headers at most; the journal has every warning whole."""


class Headers:
    """Makes the headers of one server's responses, content type and length aside (headers#responses, headers#errors).

    `openai-organization` and `openai-project` repeat the request's, or name the server's own.

    Args:
        organization: The organization that answers name; its project is named after it.
    """

    def __init__(self, organization: str) -> None:
        self._organization = safe_value(organization)
        self._project = f"proj_{Chance(organization).at('project').text(24)}".encode()

    def of(self, call: Call[Any]) -> Pairs:
        """Return the headers of an answer, in the wire's order."""
        given = call.headers.raw
        headers: Pairs = [
            *_ALWAYS,
            (b"openai-organization", given(b"openai-organization") or self._organization),
            (b"openai-processing-ms", b"%d" % round(call.seconds() * 1000)),
            (b"openai-project", given(b"openai-project") or self._project),
            (b"openai-version", b"2020-10-01"),
            (b"x-openai-proxy-wasm", b"v0.1"),
            (b"x-request-id", call.id.encode()),
        ]
        if given(b"origin") and not call.place.is_guarded:
            headers.append(_ANY_ORIGIN)
        if call.notes.warnings:
            headers.append((WARNING, safe_value("; ".join(call.notes.warnings))[:_LONGEST_WARNING]))
        return headers

    def of_error(self, error: APIError, call: Call[Any]) -> Pairs:
        """Return the headers of an error.

        Those from the edge have no `openai-*`, but `vary: Origin`; a 401 from behind it asks for a key.
        """
        headers = self.of(call)
        if error.status == _UNAUTHORIZED and not from_edge(error, call.place.path):
            headers.append(_ASKS_FOR_KEY)
        elif from_edge(error, call.place.path):
            headers = [held for held in headers if not held[0].startswith(b"openai-")]
            headers.append(_FROM_EDGE)
        return merged(headers, error.headers)
