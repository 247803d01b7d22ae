"""The one way an error leaves the server."""

from typing import Any

from chatdouble.backend import Call, Head
from chatdouble.core.errors import APIError
from chatdouble.core.head import seconds_of
from chatdouble.http.bodies import error_body
from chatdouble.http.headers import Headers
from chatdouble.http.sending import send_paced
from chatdouble.validation.azure import on_azure


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
    call.notes.retry_after = seconds_of(error.headers.get("retry-after"))
    call.notes.is_final = error.headers.get("x-should-retry") == "false" or None
    call.status, call.answer, call.error, call.ended = error.status, error.envelope(), error.message, "refused"
    if call.delivery.gates:
        await _refuse_at_gates(call, Head(error.status, tuple(sent)), body, headers)
        return
    await call.send({"type": "http.response.start", "status": error.status, "headers": sent})
    await call.send({"type": "http.response.body", "body": body})


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
