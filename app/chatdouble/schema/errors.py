"""The error envelope, ErrorResponse (errors#envelope)."""

from typing_extensions import TypedDict


class Error(TypedDict):
    """What went wrong.

    Attributes:
        message: The reason, in words.
        type: The kind, e.g. `invalid_request_error`.
        param: The path of the field at fault, e.g. `messages[1].content`.
        code: The reason, for machines, e.g. `unknown_parameter`.
    """

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorResponse(TypedDict):
    """The body of every answer that is a no."""

    error: Error
