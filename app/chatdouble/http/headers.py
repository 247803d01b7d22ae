"""The response headers of every answer, and the one way an error leaves the server."""

from collections.abc import Mapping
from typing import Any, Final

from chatdouble.backend import Call, Head
from chatdouble.core.chance import Chance
from chatdouble.core.errors import APIError, error_body, from_edge
from chatdouble.core.head import Pairs, merged, safe_value, seconds_of
from chatdouble.http.paced_sending import send_paced
from chatdouble.validation.azure import on_azure

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
            (b"openai-processing-ms", b"%d" % round((call.services.clock.monotonic() - call.arrived) * 1000)),
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
        """Return the headers of an error, with what is left of the limits if the request counted.

        Those from the edge have no `openai-*`, but `vary: Origin`; a 401 from behind it asks for a key.
        """
        headers = self.of(call)
        if error.status == _UNAUTHORIZED and not from_edge(error, call.place.path):
            headers.append(_ASKS_FOR_KEY)
        elif from_edge(error, call.place.path):
            headers = [held for held in headers if not held[0].startswith(b"openai-")]
            headers.append(_FROM_EDGE)
        headers += call.delivery.rate_limits
        return merged(headers, error.headers) if error.headers else headers


async def refuse(call: Call[Any], error: APIError, headers: Headers) -> None:
    """Send an error in the API's envelope, and note it in the call.

    Args:
        call: The call, to which nothing has been sent yet.
        error: The error.
        headers: The response headers of every answer.
    """
    if call.place.azure is not None:
        error = on_azure(error)
    body, content_type = error_body(error, call.place.path)
    sent = headers.of_error(error, call)
    sent += [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    if error.headers:
        _note_retries(call, error.headers)
    call.status, call.answer, call.ended = error.status, body, "refused"
    call.error, call.error_code = error.message, error.code
    if call.delivery.gates:
        await _refuse_at_gates(call, Head(error.status, tuple(sent)), body, headers)
        return
    await call.send({"type": "http.response.start", "status": error.status, "headers": sent})
    await call.send({"type": "http.response.body", "body": body})


def _note_retries(call: Call[Any], headers: Mapping[str, str]) -> None:
    """Note what the headers of an error tell a client about trying again."""
    if "retry-after" in headers:
        call.notes.retry_after = seconds_of(headers["retry-after"])
    if headers.get("x-should-retry") == "false":
        call.notes.is_final = True


async def _refuse_at_gates(call: Call[Any], head: Head, body: bytes, headers: Headers) -> None:
    """Send an error that stops at gates as any answer does; an abort may make another error of it."""
    from chatdouble.http.gating import gated  # noqa: PLC0415 - most servers have no gates

    try:
        await send_paced(call, head, gated(call, iter([(0.0, body)]), stream=False), None)
    except APIError as aborted:
        await refuse(call, aborted, headers)
        return
    if call.ended == "completed":
        call.ended = "refused"
