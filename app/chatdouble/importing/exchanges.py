"""Exchanges of other recorders made into exchanges of this one's."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import orjson

from chatdouble.importing.found import Interaction, LeftOut
from chatdouble.paths import place_of
from chatdouble.recording.exchange import Exchanged, Piece
from chatdouble.schema.json_values import is_object

_ROUTE: Final = "/chat/completions"
_COOKIE: Final = re.compile(r"\s*[\w.-]+=[^;]*;.*\b(?:path|domain|expires|httponly|secure)\b", re.IGNORECASE)
"""A cookie by its form; cassettes that were edited by hand have some under other headers' names."""

_ENCODED: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def exchanged(found: Interaction) -> Exchanged | LeftOut:
    """Return an interaction as a recording has it, or why it cannot be one."""
    place = place_of(urlsplit(found.url).path)
    if (found.method, place.path) != ("POST", _ROUTE):
        return LeftOut(found.where, f"{found.method} {found.url} is no chat completion")
    try:
        request: Any = orjson.loads(found.request)
    except orjson.JSONDecodeError as wrong:
        return LeftOut(found.where, f"the request's body is not JSON: {wrong}")
    if not is_object(request):
        return LeftOut(found.where, "the request's body is not a JSON object")
    if place.deployment:
        request = {"model": place.deployment, **request}
    headers = tuple(pair for pair in found.headers if pair[0] not in _ENCODED and not _COOKIE.match(pair[1]))
    body = _decoded(found)
    if isinstance(body, LeftOut):
        return body
    return Exchanged(request, found.status, headers, (Piece(found.seconds, body),))


def _decoded(found: Interaction) -> bytes | LeftOut:
    """Return an answer's body without its content encoding, which some recorders have taken off already."""
    try:
        # A response decodes what it reads from a stream, and nothing that it is given whole.
        response = httpx2.Response(found.status, headers=[*found.headers], stream=httpx2.ByteStream(found.body))
        body = response.read()
    except httpx2.DecodingError:
        body = found.body
    try:
        body.decode()
    except UnicodeDecodeError:
        encodings = ", ".join(value for name, value in found.headers if name == "content-encoding")
        return LeftOut(found.where, f"the answer's body cannot be read (its content encoding: {encodings or 'none'})")
    return body
