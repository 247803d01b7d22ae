"""From the bytes of a request to its JSON object."""

import json
from typing import Any, Final, NoReturn

import orjson

from chatdouble.errors import APIError
from chatdouble.schema.json_values import is_object

_UNREADABLE: Final = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
    "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you "
    "have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)"
)


def unreadable() -> APIError:
    """Return what the API says to a body it cannot make sense of (reference 4)."""
    return APIError(_UNREADABLE)


def parse(raw: bytes) -> dict[str, Any]:
    """Return a request's JSON object.

    Raises:
        APIError: It is not JSON, or not an object.
    """
    try:
        body: object = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = _parse_slowly(raw)
    if not is_object(body):
        raise unreadable()
    return body


def _parse_slowly(raw: bytes) -> object:
    """Read what orjson refuses and JSON allows: integers of more than 64 bits."""
    try:
        body: object = json.loads(raw.decode(), parse_constant=_refuse)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise unreadable() from error
    return body


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
