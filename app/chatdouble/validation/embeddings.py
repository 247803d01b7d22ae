"""Refusals of /embeddings, in its own words (embeddings#errors)."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.catalogue.model import Model
from chatdouble.core.errors import APIError
from chatdouble.schema.embeddings import MOST_INPUTS, EmbeddingRequest
from chatdouble.validation.patient import read_input
from chatdouble.validation.wording import inputs

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
        return inputs.encoding_format(value)
    if field == "dimensions" and isinstance(value, int) and not isinstance(value, bool):
        return inputs.too_few_dimensions(value)
    if field in _TYPES:
        return inputs.wrong_type(value, _TYPES[field], field)
    return inputs.invalid_input()


def check_model(model: Model) -> Iterator[APIError]:
    """Refuse models that make no embeddings."""
    if not model.dimensions:
        yield inputs.no_embeddings()


def check(request: EmbeddingRequest, model: Model, counts: Sequence[int]) -> Iterator[APIError]:
    """Refuse too much input, empty texts in a list, and dimensions that a model does not have.

    Args:
        request: The request.
        model: Its model.
        counts: The tokens of each input, up to the first one that is too much.
    """
    given = request.inputs()
    if isinstance(request.input, list) and max(len(request.input), *map(_size, given)) > MOST_INPUTS:
        yield inputs.too_many_inputs(MOST_INPUTS)
    if isinstance(request.input, list) and "" in given:
        yield inputs.invalid_input()
    for at, count in enumerate(counts):
        if count > LONGEST_INPUT:
            yield _too_long(request, at)
    if sum(counts) > MOST_TOKENS:
        yield inputs.too_many_tokens(MOST_TOKENS)
    yield from _check_dimensions(request.dimensions, model)


def _size(one: str | list[int]) -> int:
    return 0 if isinstance(one, str) else len(one)


def _too_long(request: EmbeddingRequest, at: int) -> APIError:
    if isinstance(request.input, str):
        return inputs.too_long(LONGEST_INPUT)
    return inputs.too_long_at(at, LONGEST_INPUT)


def _check_dimensions(wanted: int | None, model: Model) -> Iterator[APIError]:
    if wanted is None or not model.dimensions:
        return
    if not model.shortens:
        yield inputs.fixed_dimensions()
    elif wanted > model.dimensions:
        yield inputs.too_many_dimensions(wanted, model.dimensions)
