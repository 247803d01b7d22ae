"""The API's sentences, each made of the facts it states; every one is a 400 invalid_request_error."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from chatdouble.core.errors import APIError

_LONGEST_NAME: Final = 12
"""Longer names are shortened in some places: 'all...ols' (rules#names)."""

_AS_PYTHON: Final = (float, dict, list)
"""Values that messages show as Python writes them."""

_TYPES: Final[dict[type, str]] = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a decimal number",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def elided(text: str) -> str:
    """Return a name as the API shortens long ones: 'kkk...kkk'."""
    return text if len(text) <= _LONGEST_NAME else f"{text[:3]}...{text[-3:]}"


def joined(words: Sequence[str], link: str = "and") -> str:
    """Join words: `a`, `a and b`, `a, b, and c`."""
    if len(words) <= 2:  # noqa: PLR2004 - the grammar of lists
        return f" {link} ".join(words)
    return f"{', '.join(words[:-1])}, {link} {words[-1]}"


def quoted(values: Sequence[str], link: str = "and") -> str:
    """Join values in quotes: `'a', 'b', and 'c'`."""
    return joined([f"'{value}'" for value in values], link)


def shown(value: object) -> str:
    """Return a value as messages show it: text in quotes, objects as Python writes them, the rest as JSON."""
    if isinstance(value, str):
        return f"'{value}'"
    return repr(value) if value.__class__ in _AS_PYTHON else orjson.dumps(value).decode()


def typed(value: object) -> str:
    """Return what kind of JSON value this is: `an integer`, `a decimal number`, `null`."""
    return _TYPES.get(value.__class__, "an object")


def missing(path: str) -> APIError:
    """Return the error of a parameter that must be there (errors#sentences)."""
    return APIError(f"Missing required parameter: '{path}'.", param=path, code="missing_required_parameter")


def wrong_type(path: str, expected: str, value: object) -> APIError:
    """Return the error of a value of the wrong type (errors#sentences)."""
    return APIError(
        f"Invalid type for '{path}': expected {expected}, but got {typed(value)} instead.",
        param=path,
        code="invalid_type",
    )


def wrong_value(path: str, value: str, values: Sequence[str]) -> APIError:
    """Return the error of a value that is not among those there are (errors#sentences)."""
    return APIError(
        f"Invalid value: '{value}'. Supported values are: {quoted(values)}.",
        param=path,
        code="invalid_value",
    )


def below(path: str, value: float, minimum: float, kind: str) -> APIError:
    """Return the error of a number that is too small; `kind` is `integer` or `decimal` (errors#sentences)."""
    return APIError(
        f"Invalid '{path}': {kind} below minimum value. "
        f"Expected a value >= {str(minimum).removesuffix('.0')}, but got {value!r} instead.",
        param=path,
        code=f"{kind}_below_min_value",
    )


def above(path: str, value: float, maximum: float, kind: str) -> APIError:
    """Return the error of a number that is too large; `kind` is `integer` or `decimal` (errors#sentences)."""
    return APIError(
        f"Invalid '{path}': {kind} above maximum value. "
        f"Expected a value <= {str(maximum).removesuffix('.0')}, but got {value!r} instead.",
        param=path,
        code=f"{kind}_above_max_value",
    )


def empty(path: str, kind: str) -> APIError:
    """Return the error of a string or array (`kind`) with nothing in it (errors#sentences)."""
    return APIError(
        f"Invalid '{path}': empty {kind}. Expected {_article(kind)} with minimum length 1, "
        f"but got an empty {kind} instead.",
        param=path,
        code=f"empty_{kind}",
    )


def too_long(path: str, value: Sequence[Any], maximum: int, kind: str) -> APIError:
    """Return the error of a string or array (`kind`) that is too long (errors#sentences)."""
    return APIError(
        f"Invalid '{path}': {kind} too long. Expected {_article(kind)} with maximum length {maximum}, "
        f"but got {_article(kind)} with length {len(value)} instead.",
        param=path,
        code=f"{kind}_above_max_length",
    )


def mismatch(path: str, pattern: str) -> APIError:
    """Return the error of a string that does not match its pattern (errors#sentences)."""
    return APIError(
        f"Invalid '{path}': string does not match pattern. Expected a string that matches the pattern '{pattern}'.",
        param=path,
        code="invalid_value",
    )


def too_many(path: str, value: Sequence[Any] | dict[str, Any], maximum: int) -> APIError:
    """Return the error of an object with too many properties (errors#sentences)."""
    return APIError(
        f"Invalid '{path}': too many properties. Expected an object with at most {maximum} properties, "
        f"but got an object with {len(value)} properties instead.",
        param=path,
        code="object_above_max_properties",
    )


def long_key(path: str, key: str, maximum: int) -> APIError:
    """Return the error of a property whose name is too long (errors#sentences)."""
    return APIError(
        f"Invalid property name in '{path}': '{elided(key)}' is too long. "
        f"Expected a string with maximum length {maximum}, but got a string with length {len(key)} instead.",
        param=f"{path}.{key}",
        code="property_name_above_max_length",
    )


def unknown(path: str, suggestions: Sequence[str] = ()) -> APIError:
    """Return the error of a parameter that does not exist (errors#unknown)."""
    hint = f" Did you mean {quoted(suggestions, 'or')}?" if suggestions else ""
    return APIError(f"Unknown parameter: '{path}'.{hint}", param=path, code="unknown_parameter")


def unrecognized(names: Sequence[str]) -> APIError:
    """Return the error of arguments that an older model's check does not know (errors#unknown)."""
    arguments = "argument" if len(names) == 1 else "arguments"
    return APIError(f"Unrecognized request {arguments} supplied: {', '.join(names)}")


def invalid_argument(name: str) -> APIError:
    """Return the error of a value that the check of the field's shape lets pass (errors#sentences)."""
    return APIError(f"Invalid {name} argument", param=name)


def unsupported(name: str) -> APIError:
    """Return the error of a parameter that this model does not support (errors#unsupported)."""
    instead = " Use 'max_completion_tokens' instead." if name == "max_tokens" else ""
    return APIError(
        f"Unsupported parameter: '{name}' is not supported with this model.{instead}",
        param=name,
        code="unsupported_parameter",
    )


def unsupported_value(path: str, value: object, supported: str = "") -> APIError:
    """Return the error of a value that this model does not support (errors#unsupported).

    Args:
        path: Where the value stands.
        value: The value.
        supported: The sentence that says what is supported, if any.
    """
    message = f"Unsupported value: '{path}' does not support {shown(value)} with this model. {supported}"
    return APIError(message.rstrip(), param=path, code="unsupported_value")


def unsupported_effort(efforts: Sequence[str], value: object) -> APIError:
    """Return the error of a `reasoning_effort` that this model does not make (errors#sentences)."""
    return unsupported_value("reasoning_effort", value, f"Supported values are: {quoted(efforts)}.")


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
