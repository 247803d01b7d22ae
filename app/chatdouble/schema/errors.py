"""The error envelope, ErrorResponse (errors#envelope)."""

from typing import NotRequired

from typing_extensions import TypedDict


class Steer(TypedDict):
    """What a model was told, to put it right."""

    message: str


class Misalignment(TypedDict):
    """What the API found a model to have done that it should not (the official client's `error_object`).

    Attributes:
        detailed_explanation: What it did, in words.
        error_type: The kind.
        review_target: What was looked at.
        steer: What it was told.
    """

    detailed_explanation: str
    error_type: str
    review_target: str
    steer: Steer


class Error(TypedDict):
    """What went wrong.

    Attributes:
        message: The reason, in words.
        type: The kind, e.g. `invalid_request_error`.
        param: The path of the field at fault, e.g. `messages[1].content`.
        code: The reason, for machines, e.g. `unknown_parameter`.
        misalignment: What the model did wrong, if that is the reason; this server never says so by itself.
    """

    message: str
    type: str
    param: str | None
    code: str | None
    misalignment: NotRequired[Misalignment | None]


class ErrorResponse(TypedDict):
    """The body of every answer that is a no."""

    error: Error
