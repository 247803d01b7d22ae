"""Whole bodies, printed as the API prints them."""

import json
from typing import Final

from chatdouble.errors import APIError
from chatdouble.schema.completion import Completion
from chatdouble.wire.encoding import encode_indented

JSON: Final = b"application/json"
"""The content type of answers and of errors from behind the API's edge (wire 6)."""
EDGE_JSON: Final = b"application/json; charset=utf-8"
"""The content type of the edge's errors (wire 6, 7)."""

_EDGE_STATUSES: Final = frozenset({401, 429})
_EDGE_CODES: Final = frozenset({"model_not_found"})


def completion_body(completion: Completion) -> bytes:
    """Return a whole answer's body: indented by two, UTF-8 as it is, a final newline (wire 3)."""
    return encode_indented(completion) + b"\n"


def from_edge(error: APIError) -> bool:
    """Say whether the API's edge sends this error: keys, unknown models, rate limits (wire 7).

    Such errors are printed otherwise and carry none of the `openai-*` headers.
    """
    return error.status in _EDGE_STATUSES or error.code in _EDGE_CODES


def error_body(error: APIError) -> tuple[bytes, bytes]:
    """Return an error's body and content type (wire 7).

    The edge indents by four and ends with a newline; everything behind it indents by two and does not.
    """
    if from_edge(error):
        return json.dumps(error.envelope(), indent=4, ensure_ascii=False).encode("utf-8", "replace") + b"\n", EDGE_JSON
    return encode_indented(error.envelope()), JSON
