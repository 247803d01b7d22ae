"""The API's error, as an exception and as the body that clients receive (errors#envelope)."""

import json
from collections.abc import Mapping
from typing import Final, NotRequired

from typing_extensions import TypedDict

from chatdouble.core.json import encode_indented

JSON: Final = b"application/json"
"""The content type of answers and of errors from behind the API's edge (headers#content-types)."""
EDGE_JSON: Final = b"application/json; charset=utf-8"
"""The content type of the edge's errors (headers#content-types)."""


class Steer(TypedDict):
    """An instruction that a model was given to correct it."""

    message: str


class Misalignment(TypedDict):
    """Misbehaviour that the API found in a model (the official client's `error_object`).

    Attributes:
        detailed_explanation: The misbehaviour in words.
        error_type: The kind of misbehaviour.
        review_target: The part of the conversation that was reviewed.
        steer: The instruction that followed.
    """

    detailed_explanation: str
    error_type: str
    review_target: str
    steer: Steer


class Error(TypedDict):
    """The reason for an error.

    Attributes:
        message: The reason in words.
        type: The kind of error, such as `invalid_request_error`.
        param: The path of the field at fault, such as `messages[1].content`.
        code: A name for the reason that programs can test, such as `unknown_parameter`.
        misalignment: The model's misbehaviour, if that is the reason; only scripts set it.
    """

    message: str
    type: str
    param: str | None
    code: str | None
    misalignment: NotRequired[Misalignment | None]


class ErrorResponse(TypedDict):
    """The body of every error response."""

    error: Error


class ClientLeftError(Exception):
    """The client disconnected before its request was complete, so no response can be sent."""


_LONGEST: Final = 16_384
"""The greatest length of a message, which may quote what a client sent."""


class APIError(Exception):
    """An error that the client receives in the API's envelope.

    Args:
        message: The reason, in the API's words.
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
        if len(message) > _LONGEST:
            message = f"{message[:_LONGEST]}..."
        super().__init__(message)
        self.message = message
        self.status = status
        self.type = type
        self.param = param if param is None else param[:_LONGEST]
        self.code = code
        self.headers: Mapping[str, str] = {}

    def with_headers(self, headers: Mapping[str, str]) -> "APIError":
        """Set the response headers and return this error."""
        self.headers = headers
        return self

    def envelope(self) -> ErrorResponse:
        """Return the body of the error response: `{"error": {message, type, param, code}}`."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


_EDGE_STATUSES: Final = frozenset({401, 429})
_EDGE_CODES: Final = frozenset({"model_not_found"})
# The Responses API refuses unknown models with it, from behind the edge (responses#models).
_BAD_REQUEST: Final = 400


_OWN_KEYS: Final = ("/responses", "/conversations", "/moderations")
"""The paths whose keys are checked behind the edge (responses#bodies)."""
_EMBEDDINGS: Final = "/embeddings"
"""The path whose models are looked at by the edge (embeddings#errors)."""
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403


def from_edge(error: APIError, path: str = "") -> bool:
    """Tell whether the API's edge sends this error: keys, unknown models, rate limits (errors#bodies).

    Errors from the edge have another format and none of the `openai-*` headers.

    Args:
        error: The error.
        path: The API's own path of the request that is refused.
    """
    if error.status == _UNAUTHORIZED and path.startswith(_OWN_KEYS):
        return False
    if error.status == _FORBIDDEN and path == _EMBEDDINGS:
        return True
    return error.status in _EDGE_STATUSES or (error.code in _EDGE_CODES and error.status != _BAD_REQUEST)


def error_body(error: APIError, path: str = "") -> tuple[bytes, bytes]:
    """Return an error's body and content type, given the path of its request (errors#bodies).

    The edge indents by four and adds a final newline; everything behind it indents by two and adds none.
    """
    if from_edge(error, path):
        return json.dumps(error.envelope(), indent=4, ensure_ascii=False).encode("utf-8", "replace") + b"\n", EDGE_JSON
    return encode_indented(error.envelope()), JSON


SERVER_ERROR_MESSAGE: Final = "The server had an error while processing your request. Sorry about that!"
"""The API's words for a failure of its own (errors#statuses)."""


def server_error() -> APIError:
    """Return the API's error for a failure of the server (errors#statuses)."""
    return APIError(SERVER_ERROR_MESSAGE, status=500, type="server_error")
