"""What FastAPI finds wrong with a query or a small body, in the API's words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi.exceptions import RequestValidationError

from chatdouble.errors import APIError
from chatdouble.validation import wording
from chatdouble.validation.expectation import written
from chatdouble.validation.parsing import unreadable

Invalid = Mapping[str, Any]


def worded(invalid: RequestValidationError) -> APIError:
    """Return the API's error for the first thing that is wrong."""
    first: Invalid = invalid.errors()[0]
    path = written(first["loc"][1:])
    return _WORDS.get(first["type"], _wrong_type)(path, first)


def _missing(path: str, _invalid: Invalid) -> APIError:
    return wording.missing(path) if path else unreadable()


def _unknown(path: str, _invalid: Invalid) -> APIError:
    return wording.unknown(path)


def _below(path: str, invalid: Invalid) -> APIError:
    return wording.below(path, int(invalid["input"]), invalid["ctx"]["ge"], "integer")


def _above(path: str, invalid: Invalid) -> APIError:
    return wording.above(path, int(invalid["input"]), invalid["ctx"]["le"], "integer")


def _none_of(path: str, invalid: Invalid) -> APIError:
    allowed = invalid["ctx"]["expected"].replace("'", "").split(" or ")
    return wording.wrong_value(path, invalid["input"], allowed)


def _wrong_type(path: str, invalid: Invalid) -> APIError:
    return wording.wrong_type(path, _EXPECTED.get(invalid["type"], "an object"), invalid["input"])


_WORDS: Final[Mapping[str, Callable[[str, Invalid], APIError]]] = {
    "json_invalid": lambda _path, _invalid: unreadable(),
    "missing": _missing,
    "extra_forbidden": _unknown,
    "greater_than_equal": _below,
    "less_than_equal": _above,
    "literal_error": _none_of,
}
_EXPECTED: Final = {
    "int_parsing": "an integer",
    "int_parsing_size": "an integer",
    "int_from_float": "an integer",
    "string_type": "a string",
}
