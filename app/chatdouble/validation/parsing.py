"""From the bytes of a request to its JSON object."""

from typing import Any, Final

import orjson

from chatdouble.core.errors import APIError
from chatdouble.core.json import is_array, is_object, values_in

_UNREADABLE: Final = (
    "We could not parse the JSON body of your request. (HINT: This likely means you aren't using your HTTP "
    "library correctly. The OpenAI API expects a JSON payload, but what was sent was not valid JSON. If you "
    "have trouble figuring out how to fix this, please contact us through our help center at help.openai.com.)"
)


_DEEPEST: Final = 192
"""How many objects and arrays may contain each other: what is read must also be written, to journals and upstreams."""


def unreadable() -> APIError:
    """Return what the API says to a body it cannot make sense of (errors#parsing)."""
    return APIError(_UNREADABLE)


def parse(raw: bytes) -> dict[str, Any]:
    """Return a request's JSON object; an integer of more than 64 bits is read as a decimal number.

    Raises:
        APIError: It is not JSON, not an object, or nested too deeply.
    """
    try:
        body: object = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise unreadable() from error
    # Most bodies have too few brackets to be too deep, and need no walk.
    if not is_object(body) or (_count(raw, b"{") + _count(raw, b"[") > _DEEPEST and _too_deep(body)):
        raise unreadable()
    return body


def _count(raw: bytes, byte: bytes) -> int:
    """Count a byte as far as matters; to take one out that is rare is several times as fast as `bytes.count`."""
    return len(raw) - len(raw.replace(byte, b"", _DEEPEST + 1))


def _too_deep(body: object) -> bool:
    level = [body]
    for _ in range(_DEEPEST):
        level = [held for value in level for held in values_in(value) if is_object(held) or is_array(held)]
        if not level:
            return False
    return True
