"""The body of a request."""

from asyncio import to_thread
from collections.abc import Mapping
from typing import Any, Final

from starlette.types import Message, Receive

from chatdouble.backend import Call
from chatdouble.core.errors import ClientLeftError
from chatdouble.core.head import RequestHeaders
from chatdouble.validation.wording import requests
from chatdouble.validation.wording.models import unnamed

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_LONG: Final = 4 * 1024 * 1024
"""The bytes of a body that takes milliseconds to put together."""
_SHORT: Final = 1024 * 1024
"""The bytes of a body that needs no room."""


def check_content_type(headers: RequestHeaders) -> None:
    """Refuse a content type other than JSON.

    Raises:
        APIError: 400. A form, which curl sends by default, counts as a body without fields, as in the real API.
    """
    given: str = headers.get("content-type", "")
    kind = given.partition(";")[0].strip().lower()
    if kind == _JSON:
        return
    if kind in {"", _FORM}:
        raise unnamed()
    raise requests.content_type(given)


async def read_body(receive: Receive, call: Call[Any], limit: int) -> bytes:
    """Return the whole body.

    Args:
        receive: The ASGI callable.
        call: The request's call.
        limit: The largest size in bytes.

    Raises:
        APIError: 413: the body is larger; 501: it is encoded for its transfer; 503: others take all room.
        ClientLeftError: The client left before the body was whole.
    """
    headers = call.headers
    announced = headers.raw(b"content-length") or _chunked(headers)
    if announced.isdigit() and int(announced) > limit:
        raise requests.too_large(limit, int(announced))
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request" and len(message["body"]) <= limit:
        return bytes(message["body"])
    pieces: list[bytes] = []
    size = 0
    while True:
        piece = _piece(message, limit, size)
        size += len(piece)
        pieces.append(piece)
        if not message.get("more_body"):
            return await joined(pieces)
        await _make_room(call, int(announced) if announced.isdigit() else 0, size, limit)
        message = await receive()


async def joined(pieces: list[bytes]) -> bytes:
    """Return the whole of the pieces of a body."""
    # `join` lets other threads run while it copies a long body, so a thread does that.
    is_long = sum(map(len, pieces)) > _LONG
    return await to_thread(b"".join, pieces) if is_long else b"".join(pieces)


class BoundedBody:
    """A body that is received in pieces, up to a limit.

    Args:
        call: The request's call.
        limit: The largest size in bytes.

    Raises:
        APIError: 501: the body is encoded for its transfer.
    """

    def __init__(self, call: Call[Any], limit: int) -> None:
        self._call = call
        announced = call.headers.raw(b"content-length") or _chunked(call.headers)
        self._announced = int(announced) if announced.isdigit() else 0
        self._limit = limit
        self._size = 0

    async def receive(self) -> Message:
        """Return the next event.

        Raises:
            APIError: 413: the body is larger; 503: others take all room.
        """
        if self._announced > self._limit:
            raise requests.too_large(self._limit, self._announced)
        if self._size:
            await _make_room(self._call, self._announced, self._size, self._limit)
        message = await self._call.receive()
        self._size += len(message.get("body", b""))
        if self._size > self._limit:
            raise requests.too_large(self._limit, self._size)
        return message


async def _make_room(call: Call[Any], announced: int, size: int, limit: int) -> None:
    """Wait for room for a body that goes on, if it is long.

    Raises:
        APIError: 503: others take all of it.
    """
    if call.room or max(announced, size) <= _SHORT:
        return
    bodies, wanted = call.services.bodies, announced or limit
    if not await bodies.take(wanted):
        raise requests.no_room(bodies.most)
    call.room = wanted


def _chunked(headers: RequestHeaders) -> bytes:
    """Return the least size of a body of which no header tells the size: 0.

    Raises:
        APIError: 501: the body is encoded for its transfer in another way than in chunks (RFC 9112, 6.1).
    """
    coding = headers.get("transfer-encoding", "chunked")
    if coding.strip().lower() != "chunked":
        raise requests.transfer_encoding(coding)
    return b"0"


def _piece(message: Mapping[str, object], limit: int, size: int) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientLeftError
    piece = message.get("body", b"")
    if not isinstance(piece, bytes):
        return b""
    if size + len(piece) > limit:
        raise requests.too_large(limit, size + len(piece))
    return piece
