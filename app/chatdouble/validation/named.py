"""The name of the model that a request asks for."""

from typing import Any

from chatdouble.core.errors import APIError
from chatdouble.validation.parsing import unreadable


def model_name(body: dict[str, Any], deployment: str | None) -> str:
    """Return the name of a request's model, and put it in the body if only the path has it (Azure).

    Args:
        body: The request's body.
        deployment: The model that the path names, if it names one.

    Raises:
        APIError: There is no name, or it is not a text.
    """
    name = body.get("model") or deployment
    if not name:
        raise APIError("you must provide a model parameter")
    if not isinstance(name, str):
        raise unreadable()
    body["model"] = name
    return name
