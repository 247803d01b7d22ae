"""Reading of what a test sends: a value as a model, or a 400 that lists every mistake."""

from typing import TypeVar

from chatdouble.core.errors import APIError
from chatdouble.scripts.format.base import Spec
from chatdouble.scripts.reading.mistakes import mistake_lines

S = TypeVar("S", bound=Spec)


def read(model: type[S], given: object, *where: str | int, code: str | None = None) -> S:
    """Return a value as a model.

    Args:
        model: The model.
        given: The value.
        where: The value's place, with which each mistake begins; a whole body has none, and needs a code.
        code: The error's code; None: `invalid_` and the first part of the place.

    Raises:
        APIError: 400: it does not fit the model; the message lists all mistakes.
    """
    mistakes = "\n".join(mistake_lines(model, given, *where))
    if mistakes:
        raise APIError(mistakes, param=str(where[0]) if where else None, code=code or f"invalid_{where[0]}")
    return model.model_validate(given)


def read_unless_null(model: type[S], given: object, *where: str | int) -> S | None:
    """Return a value as a model; None stays None. See `read`."""
    return None if given is None else read(model, given, *where)
