"""Every way the API says no, as one exception."""

from collections.abc import Mapping
from typing import Any


class ClientLeftError(Exception):
    """The client went before there was anything to answer it with; there is nobody to answer."""


class APIError(Exception):
    """A no that leaves as the API's error envelope.

    Args:
        message: What is wrong, in the API's words.
        status: The HTTP status.
        type: The envelope's `type`.
        param: The envelope's `param`, the path of the field at fault.
        code: The envelope's `code`.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",  # noqa: A002 - the envelope's own word
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.param = param
        self.code = code
        self.headers: Mapping[str, str] = {}

    def with_headers(self, headers: Mapping[str, str]) -> "APIError":
        """Return this error with these response headers."""
        self.headers = headers
        return self

    def envelope(self) -> dict[str, dict[str, Any]]:
        """Return the body the API would send: `{"error": {message, type, param, code}}`."""
        return {
            "error": {
                "message": self.message,
                "type": self.type,
                "param": self.param,
                "code": self.code,
            }
        }


def server_error() -> APIError:
    """Return the API's error for a fault of the server's own (errors#statuses)."""
    message = "The server had an error while processing your request. Sorry about that!"
    return APIError(message, status=500, type="server_error")
