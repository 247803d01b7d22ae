"""The API's sentences about the input of embeddings (embeddings#errors) and moderations (moderations#errors)."""

from typing import Any

from chatdouble.core.errors import APIError


def encoding_format(value: Any) -> APIError:
    """Return the error of a format that numbers do not have."""
    return APIError(f"Invalid value for 'encoding_format' = {value}. Supported values: ['float', 'base64'].")


def too_few_dimensions(value: int) -> APIError:
    """Return the error of less than one dimension."""
    return APIError(f"{value} is less than the minimum of 1 - 'dimensions'")


def too_many_dimensions(value: int, most: int) -> APIError:
    """Return the error of more dimensions than a model has."""
    return APIError(f"Invalid value for 'dimensions' = {value}. Must be less than or equal to {most}.")


def fixed_dimensions() -> APIError:
    """Return the error of `dimensions` for a model that does not shorten its vectors."""
    return APIError("This model does not support specifying dimensions.")


def wrong_type(value: Any, expected: str, field: str) -> APIError:
    """Return the error of a value of the wrong type, in the words of /embeddings."""
    return APIError(f"{value!r} is not of type '{expected}' - '{field}'")


def invalid_input() -> APIError:
    """Return the error of an input that is none of the forms."""
    return APIError(
        "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
    )


def no_embeddings() -> APIError:
    """Return the error of a model that makes no embeddings."""
    return APIError("You are not allowed to generate embeddings from this model", status=403)


def too_many_inputs(most: int) -> APIError:
    """Return the error of too many inputs, or of an input of too many tokens."""
    return APIError(f"Invalid 'input': array length must be {most} or less.")


def too_many_tokens(most: int) -> APIError:
    """Return the error of inputs that have too many tokens together."""
    return APIError(f"Invalid 'input': maximum request size is {most} tokens per request.")


def too_long(most: int) -> APIError:
    """Return the error of a single input that has too many tokens."""
    return APIError(f"Invalid 'input': maximum context length is {most} tokens.")


def too_long_at(place: int, most: int) -> APIError:
    """Return the error of an input of several that has too many tokens."""
    return APIError(f"Invalid 'input[{place}]': maximum input length is {most} tokens.")


def not_judged() -> APIError:
    """Return the error of an input that moderations do not have; its words are inferred from other endpoints."""
    return APIError("Invalid value for 'input': expected texts, or parts with a text or an image.", param="input")


def too_many_images(images: int, most: int) -> APIError:
    """Return the error of more images than a moderation looks at."""
    return APIError(f"Number of images ({images}) exceeds maximum of {most}", param="input", code="too_many_images")
