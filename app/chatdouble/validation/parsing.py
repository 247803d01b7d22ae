"""Parsing of a request's bytes into a JSON object, and the model that it names."""

from typing import Any, Final

import orjson

from chatdouble.core.errors import APIError
from chatdouble.core.json import is_nested, loads

_UNREADABLE: Final = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
    "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you "
    "have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)"
)


_DEEPEST: Final = 192
"""Deepest nesting of objects and arrays. Requests are also written, to journals and upstreams."""


def unreadable() -> APIError:
    """Return the error for a body that is not a JSON object (errors#parsing)."""
    return APIError(_UNREADABLE)


def parse(raw: bytes) -> dict[str, Any]:
    """Return a request's JSON object; an integer of more than 64 bits becomes a float.

    Raises:
        APIError: It is not JSON, not an object, or nested too deeply.
    """
    try:
        body: dict[str, Any] = loads(raw)
    except orjson.JSONDecodeError as error:
        raise unreadable() from error
    # Most bodies have too few brackets to be too deep, and need no walk.
    if body.__class__ is not dict or (
        len(raw) > 2 * _DEEPEST and _brackets(raw) > _DEEPEST and is_nested(body, _DEEPEST)
    ):
        raise unreadable()
    return body


def _brackets(raw: bytes) -> int:
    """Count brackets that open, each kind up to the limit; for rare bytes, `replace` is faster than `bytes.count`."""
    objects, arrays = raw.replace(b"{", b"", _DEEPEST + 1), raw.replace(b"[", b"", _DEEPEST + 1)
    return 2 * len(raw) - len(objects) - len(arrays)


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
