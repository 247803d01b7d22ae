"""Refusals of /embeddings, in its own words (embeddings#errors)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.schema.embeddings import MOST_INPUTS, EmbeddingRequest
from chatdouble.validation.patient import read_input

LONGEST_INPUT: Final = 8192
"""The most tokens of one input."""

MOST_TOKENS: Final = 300_000
"""The most tokens of all inputs together."""

_TYPES: Final = {"dimensions": "integer", "user": "string"}


def shaped(body: dict[str, Any]) -> EmbeddingRequest:
    """Return the request in a body.

    Raises:
        APIError: The body has not the shape of one.
    """
    try:
        return read_input(EmbeddingRequest, body)
    except ValidationError as error:
        wrong = [one["loc"][0] for one in error.errors(include_url=False, include_context=False)]
        field = min(map(str, wrong), key=[*EmbeddingRequest.model_fields].index)
        raise _of_field(field, body.get(field)) from error


def _of_field(field: str, value: Any) -> APIError:
    if field == "encoding_format":
        return APIError(f"Invalid value for 'encoding_format' = {value}. Supported values: ['float', 'base64'].")
    if field == "dimensions" and isinstance(value, int) and not isinstance(value, bool):
        return APIError(f"{value} is less than the minimum of 1 - 'dimensions'")
    if field in _TYPES:
        return APIError(f"{value!r} is not of type '{_TYPES[field]}' - '{field}'")
    return invalid_input()


def invalid_input() -> APIError:
    """Return the error of an input that is none of the forms."""
    return APIError(
        "'$.input' is invalid. Please check the API reference: https://platform.openai.com/docs/api-reference."
    )


def check_model(model: Model) -> Iterator[APIError]:
    """Refuse models that make no embeddings."""
    if not model.dimensions:
        yield APIError("You are not allowed to generate embeddings from this model", status=403)


def check(request: EmbeddingRequest, model: Model, counts: Sequence[int]) -> Iterator[APIError]:
    """Refuse too much input, empty texts in a list, and dimensions that a model does not have.

    Args:
        request: The request.
        model: Its model.
        counts: The tokens of each input, up to the first one that is too much.
    """
    inputs = request.inputs()
    if isinstance(request.input, list) and max(len(request.input), *map(_size, inputs)) > MOST_INPUTS:
        yield APIError(f"Invalid 'input': array length must be {MOST_INPUTS} or less.")
    if isinstance(request.input, list) and "" in inputs:
        yield invalid_input()
    for at, count in enumerate(counts):
        if count > LONGEST_INPUT:
            yield _too_long(request, at)
    if sum(counts) > MOST_TOKENS:
        yield APIError(f"Invalid 'input': maximum request size is {MOST_TOKENS} tokens per request.")
    yield from _check_dimensions(request.dimensions, model)


def _size(one: str | list[int]) -> int:
    return 0 if isinstance(one, str) else len(one)


def _too_long(request: EmbeddingRequest, at: int) -> APIError:
    if isinstance(request.input, str):
        return APIError(f"Invalid 'input': maximum context length is {LONGEST_INPUT} tokens.")
    return APIError(f"Invalid 'input[{at}]': maximum input length is {LONGEST_INPUT} tokens.")


def _check_dimensions(wanted: int | None, model: Model) -> Iterator[APIError]:
    if wanted is None or not model.dimensions:
        return
    if not model.shortens:
        yield APIError("This model does not support specifying dimensions.")
    elif wanted > model.dimensions:
        yield APIError(f"Invalid value for 'dimensions' = {wanted}. Must be less than or equal to {model.dimensions}.")
