"""The one way an error leaves the server."""

from typing import Any

from chatdouble.backend import Call
from chatdouble.core.errors import APIError
from chatdouble.http.bodies import error_body
from chatdouble.http.headers import Headers


async def refuse(call: Call[Any], error: APIError, headers: Headers) -> None:
    """Send an error in the API's envelope, and note it in the call.

    Args:
        call: The call, to which nothing has been sent yet.
        error: The error.
        headers: The response headers of every answer.
    """
    body, content_type = error_body(error)
    sent = headers.of_error(error, call)
    sent += [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    call.notes.retry_after = _seconds(error.headers.get("retry-after"))
    call.status, call.answer, call.error, call.ended = error.status, error.envelope(), error.message, "refused"
    await call.send({"type": "http.response.start", "status": error.status, "headers": sent})
    await call.send({"type": "http.response.body", "body": body})


def _seconds(retry_after: str | None) -> float | None:
    """Return the seconds that a `retry-after` names; None: it names none."""
    try:
        return None if retry_after is None else float(retry_after)
    except ValueError:
        return None
