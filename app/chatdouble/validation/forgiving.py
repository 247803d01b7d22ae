"""Lenient validation, which leaves unknown keys out instead of describing each of them."""

from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from chatdouble.core.errors import APIError
from chatdouble.validation.excerpt import LARGE
from chatdouble.validation.pruning import LeftOut

R = TypeVar("R", bound=BaseModel)


class Forgiven(NamedTuple, Generic[R]):
    """A request that has the published shape, unknown keys aside.

    Attributes:
        request: The request.
        body: Its body without unknown keys.
        errors: The errors of the first unknown keys inside its parameters.
    """

    request: R
    body: dict[str, Any]
    errors: list[APIError]


def forgiven(request: type[R], body: dict[str, Any], size: int) -> Forgiven[R]:
    """Return a request, whatever unknown keys it has.

    Args:
        request: The type of the request.
        body: The request's body.
        size: The size of the body in bytes.

    Raises:
        ValidationError: It has not the published shape. Of a list, the first fault alone is described.
    """
    if size <= LARGE:
        try:
            return Forgiven(request.model_validate(body), body, [])
        except ValidationError:
            pass  # because of unknown keys, or of a shape that the other validator describes
    from chatdouble.validation.patient import forgiving_validator  # noqa: PLC0415 - few requests need it

    left_out = LeftOut()
    known = {name: value for name, value in body.items() if name in request.model_fields}
    made: R = forgiving_validator(request).validate_python(known, context=left_out)
    return Forgiven(made, left_out.without(known), left_out.errors)
