"""The validation's errors for requests, for tests."""

from typing import Any

import orjson

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.validation.checking import Checker

CATALOGUE = Catalogue.load("strict")
CHECKER = Checker(CATALOGUE, TOKENIZERS, "strict")

USER: dict[str, Any] = {"role": "user", "content": "ping"}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "f"}}
NEWEST = "gpt-5.6-terra"

Said = tuple[str, str | None, str | None]


def said(checker: Checker = CHECKER, /, **fields: Any) -> Said | None:
    """Return the message, param and code of a request's error; None if the request is valid.

    Args:
        checker: The checker.
        **fields: The request's fields; `model` and `messages` have defaults.
    """
    body = {"model": "gpt-4o", "messages": [USER], **fields}
    try:
        checker.read(orjson.dumps(body))
    except APIError as error:
        return error.message, error.param, error.code
    return None
