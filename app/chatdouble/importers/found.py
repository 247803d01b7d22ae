"""What is found in the files of other tools: exchanges, rules, and what cannot be taken over."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import orjson

from chatdouble.core.json import is_array, is_object
from chatdouble.core.paths import request_path
from chatdouble.recordings.exchange import Exchanged, Headers, Piece


@dataclass(frozen=True, slots=True)
class Interaction:
    """An HTTP request and its answer, as recorders of HTTP keep them.

    Attributes:
        where: Which one of its file it is.
        method: The request's method.
        url: The request's URL.
        request_headers: The request's headers, names in lower case.
        request: The request's body.
        status: The answer's status.
        headers: The answer's headers, names in lower case.
        body: The answer's body, encoded as the headers say.
        seconds: How long the answer took.
    """

    where: str
    method: str
    url: str
    request_headers: Headers
    request: bytes
    status: int
    headers: Headers
    body: bytes
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A rule of a script, in the words of script files.

    Attributes:
        where: Which one of its file it is.
        rule: The rule.
    """

    where: str
    rule: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that is not taken over.

    Attributes:
        where: Which part of the file it is; empty: all of it.
        reason: Why.
    """

    where: str
    reason: str


OF_ANOTHER_KIND: Final = "something in it is of another kind than it should be"
"""What is said of a value that is, say, a text where a number should be."""

Found = Interaction | FoundRule | LeftOut

Reader = Callable[[str, bytes], Iterator[Found]]
"""Reads a file: from its name and its bytes, what is in it.

Raises:
    ValueError: It is no file of this kind; the message says why.
"""


_ROUTE: Final = "/chat/completions"
_COOKIE: Final = re.compile(r"\s*[\w.-]+=[^;]*;.*\b(?:path|domain|expires|httponly|secure)\b", re.IGNORECASE)
"""A cookie by its form; cassettes that were edited by hand have some under other headers' names."""

_ENCODED: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def exchanged(found: Interaction) -> Exchanged | LeftOut:
    """Return an interaction as a recording has it, or why it cannot be one."""
    place = request_path(urlsplit(found.url).path)
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


_OPENING: Final = re.compile(r"\{(?=[{%#])")


def literal(value: Any) -> Any:
    """Return a JSON value as a script has it where templates are filled: what fills it gives the value again."""
    if isinstance(value, str):
        return _OPENING.sub("{{ '{' }}", value)
    if is_object(value):
        return {literal(key): literal(inner) for key, inner in value.items()}
    return [literal(inner) for inner in value] if is_array(value) else value
