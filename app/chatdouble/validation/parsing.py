"""From the bytes of a request to its JSON object."""

from typing import Any, Final

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
    """Return a request's JSON object; an integer of more than 64 bits is read as a decimal number.

    Raises:
        APIError: It is not JSON, or not an object.
    """
    try:
        body: object = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise unreadable() from error
    if not is_object(body):
        raise unreadable()
    return body
