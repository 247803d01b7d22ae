"""The items that readers find in files of other tools: interactions, rules, and parts to skip."""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
import orjson

from chatdouble.core.head import request_path
from chatdouble.core.json import is_array, is_object
from chatdouble.recordings.recording import Headers, Piece, Recording
from chatdouble.scripts.matching.request_view import ENDPOINTS


@dataclass(frozen=True, slots=True)
class Interaction:
    """An HTTP request and its response, as HTTP recorders store them.

    Attributes:
        where: Its place in the file, such as `interaction 3`.
        method: The request's method.
        url: The request's URL.
        request_headers: The request's headers, names in lower case.
        request: The request's body.
        status: The response's status.
        headers: The response's headers, names in lower case.
        body: The response's body, its content encoding in place.
        seconds: The seconds that the response took.
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
class ImportedRule:
    """A rule of a script file.

    Attributes:
        where: Its place in the imported file, such as `fixture 3`.
        rule: The rule as it is written to a script file.
    """

    where: str
    rule: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A part of a file that is not imported.

    Attributes:
        where: Its place in the file; empty for the whole file.
        reason: The reason.
    """

    where: str
    reason: str


WRONG_TYPE: Final = "a value has the wrong type"
"""The reason for skipping a part that has, for example, a string in place of a number."""

Item = Interaction | ImportedRule | Skipped

Reader = Callable[[str, bytes], Iterator[Item]]
"""Reads a file, given its name and bytes.

Raises:
    ValueError: The file is not of this kind; the message gives the reason.
"""


_CHAT: Final = ENDPOINTS["chat"]
_COOKIE: Final = re.compile(r"\s*[\w.-]+=[^;]*;.*\b(?:path|domain|expires|httponly|secure)\b", re.IGNORECASE)
"""The form of a cookie. Cassettes edited by hand have cookies under the names of other headers."""

LARGEST: Final = 64 * 1024 * 1024
"""The largest file or body that is unpacked, in bytes."""
_PIECE: Final = 4096
"""The bytes that are unpacked at once, to a thousand times as many at most."""
GZIP: Final = b"\x1f\x8b"
"""The first bytes of gzip."""
_GZIP_HEADER: Final = 31
"""The window bits by which zlib reads gzip."""

_ENCODED: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def recording_of(interaction: Interaction) -> Recording | Skipped:
    """Return an interaction as a recording, or the reason to skip it."""
    place = request_path(urlsplit(interaction.url).path)
    endpoint = f"{interaction.method} {place.path}"
    if endpoint not in ENDPOINTS.values():
        return Skipped(interaction.where, f"not an answer of a model: {interaction.method} {interaction.url}")
    try:
        request: Any = orjson.loads(interaction.request)
    except orjson.JSONDecodeError as wrong:
        return Skipped(interaction.where, f"the request's body is not JSON: {wrong}")
    if not is_object(request):
        return Skipped(interaction.where, "the request's body is not a JSON object")
    if place.deployment:
        request = {"model": place.deployment, **request}
    headers = tuple(pair for pair in interaction.headers if pair[0] not in _ENCODED and not _COOKIE.match(pair[1]))
    body = _decoded(interaction)
    if isinstance(body, Skipped):
        return body
    return Recording(
        request, interaction.status, headers, (Piece(interaction.seconds, body),), "" if endpoint == _CHAT else endpoint
    )


class _Pieces(httpx2.SyncByteStream):
    """A body in pieces, none of which is much when it is unpacked.

    Args:
        body: The body.
    """

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        """Yield the pieces."""
        for at in range(0, len(self._body), _PIECE):
            yield self._body[at : at + _PIECE]


def _up_to_limit(pieces: Iterator[bytes]) -> bytes:
    """Return the whole of pieces.

    Raises:
        ValueError: They are too much.
    """
    found = bytearray()
    for piece in pieces:
        found += piece
        if len(found) > LARGEST:
            raise ValueError(f"the response's body is larger than {LARGEST:,} bytes when it is unpacked")
    return bytes(found)


def _is_cut(body: bytes) -> bool:
    """Tell whether a body is gzip whose end is missing."""
    if not body.startswith(GZIP):
        return False
    unpacking = zlib.decompressobj(_GZIP_HEADER)
    for piece in _Pieces(body):
        unpacking.decompress(piece)
        if unpacking.eof:
            return False
    return True


def _decoded(interaction: Interaction) -> bytes | Skipped:
    """Return a response's body without its content encoding, which some recorders have removed already."""
    try:
        # A response decodes a stream, but not a body that it is given as `content`.
        response = httpx2.Response(interaction.status, headers=[*interaction.headers], stream=_Pieces(interaction.body))
        body = _up_to_limit(response.iter_bytes())
    except httpx2.DecodingError:
        body = interaction.body
    except ValueError as wrong:
        return Skipped(interaction.where, str(wrong))
    if body is not interaction.body and _is_cut(interaction.body):
        return Skipped(interaction.where, "the response's body is cut: its gzip does not end")
    try:
        body.decode()
    except UnicodeDecodeError:
        encodings = ", ".join(value for name, value in interaction.headers if name == "content-encoding")
        return Skipped(
            interaction.where, f"the response's body cannot be decoded (content encoding: {encodings or 'none'})"
        )
    return body


_OPENING: Final = re.compile(r"\{(?=[{%#])")


def escaped(value: Any) -> Any:
    """Return a JSON value escaped for a script: filling it as a template gives the value back."""
    if isinstance(value, str):
        return _OPENING.sub("{{ '{' }}", value)
    if is_object(value):
        return {escaped(key): escaped(inner) for key, inner in value.items()}
    return [escaped(inner) for inner in value] if is_array(value) else value
