"""The FastAPI application: the documentation, and every error in the API's words."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from chatdouble.backend import Call, call_of
from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.core.errors import APIError, ClientLeftError
from chatdouble.core.head import CONTROL
from chatdouble.core.json import encode_indented, is_object
from chatdouble.core.json_in_steps import indented_in_steps, is_short
from chatdouble.core.releasing import release
from chatdouble.http.bodies import BoundedBody, joined, read_body
from chatdouble.http.headers import Headers
from chatdouble.server.routes.not_doubled import not_doubled
from chatdouble.validation import wording
from chatdouble.validation.azure import names_version, resource_not_found
from chatdouble.validation.expectation import written
from chatdouble.validation.responses.conversation_items import check_items
from chatdouble.validation.wording import requests

Invalid = Mapping[str, Any]


def worded(invalid: RequestValidationError) -> APIError:
    """Return the API's error for the first mistake.

    Raises:
        APIError: The error, if it is in the items of a conversation.
    """
    first: Invalid = invalid.errors()[0]
    if _ITEMS in first["loc"][1:2] and is_object(invalid.body) and _ITEMS in invalid.body:
        check_items(invalid.body[_ITEMS])  # it has the API's words for items
    path = written(first["loc"][1:])
    return _WORDS.get(first["type"], _wrong_type)(path, first)


def _missing(path: str, _invalid: Invalid) -> APIError:
    return wording.missing(path) if path else requests.unreadable()


def _unknown(path: str, _invalid: Invalid) -> APIError:
    return wording.unknown(path)


def _below(path: str, invalid: Invalid) -> APIError:
    return wording.below(path, int(invalid["input"]), invalid["ctx"]["ge"], "integer")


def _above(path: str, invalid: Invalid) -> APIError:
    return wording.above(path, int(invalid["input"]), invalid["ctx"]["le"], "integer")


def _too_long(path: str, invalid: Invalid) -> APIError:
    return wording.too_long(path, invalid["input"], invalid["ctx"]["max_length"], "array")


def _none_of(path: str, invalid: Invalid) -> APIError:
    allowed = invalid["ctx"]["expected"].replace("'", "").split(" or ")
    return wording.wrong_value(path, invalid["input"], allowed)


def _wrong_type(path: str, invalid: Invalid) -> APIError:
    return wording.wrong_type(path, _EXPECTED.get(invalid["type"], "an object"), invalid["input"])


_WORDS: Final[Mapping[str, Callable[[str, Invalid], APIError]]] = {
    "json_invalid": lambda _path, _invalid: requests.unreadable(),
    "missing": _missing,
    "extra_forbidden": _unknown,
    "greater_than_equal": _below,
    "less_than_equal": _above,
    "too_long": _too_long,
    "literal_error": _none_of,
}
_ITEMS: Final = "items"
_EXPECTED: Final = {
    "bool_parsing": "a boolean",
    "int_parsing": "an integer",
    "int_parsing_size": "an integer",
    "int_from_float": "an integer",
    "string_type": "a string",
}


_REFUSED: Final = "chatdouble.refused"
"""The key in a scope of the error with which a route refuses a request or fails."""
_PIECE: Final = 256 * 1024
"""The bytes of a long answer that are sent at once."""
_BAD_REQUEST: Final = 400
_WRONG_METHOD: Final = 405
_TITLE: Final = "chatdouble"
"""The title of the contract at /openapi.json."""


def new_api() -> FastAPI:
    """Return an application without routes, whose documentation needs no network."""
    api = FastAPIOffline(
        title=_TITLE,
        description="A test double for the OpenAI API.",
        servers=[{"url": "/v1"}],
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    for kind in (APIError, HTTPException, RequestValidationError):
        api.add_exception_handler(kind, _refused)
    api.add_exception_handler(Exception, _failed)
    return api


def answered(body: Any, status: int = 200) -> Response:
    """Return an object as a response in the API's format: indented by two, a final newline (answers#formatting)."""
    return Response(encode_indented(body, end=b"\n"), status, media_type="application/json")


async def answered_soon(body: Any) -> Response:
    """Return an object as `answered` does; if it is long, a thread writes it."""
    return answered(body) if is_short([body]) else await answered_apart(body)


async def answered_apart(body: Any) -> Response:
    """Return an object that may be very long as `answered` does; a thread writes and frees it in steps."""
    held = [body]
    del body  # so that the thread has it alone
    return _InPieces(await asyncio.to_thread(_written, held), media_type="application/json")


def _written(held: list[Any]) -> bytes:
    """Return the JSON of the object in a list, and free it."""
    written = indented_in_steps(held[0], end=b"\n")
    release(held)
    return written


class _InPieces(Response):
    """A response whose body is sent in pieces, so that others are answered meanwhile."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the response."""
        del scope, receive
        body = bytes(self.body)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for at in range(0, len(body), _PIECE):
            piece, more = body[at : at + _PIECE], at + _PIECE < len(body)
            await send({"type": "http.response.body", "body": piece, "more_body": more})
            await asyncio.sleep(0)


async def _refused(request: Request, error: Exception) -> Response:
    """Hand an error to the pipeline, which refuses the request: all errors leave the server the same way."""
    call_of(request.scope).scope[_REFUSED] = _as_api_error(request, error)
    return Response()


async def _failed(request: Request, error: Exception) -> Response:
    """Send nothing: Starlette raises the error again, and the pipeline answers it."""
    call_of(request.scope).scope[_REFUSED] = error
    return Response()


def _as_api_error(request: Request, error: Exception) -> APIError:
    """Return the API's error for what a route raised, for a body that FastAPI refused, or for no route."""
    if isinstance(error, APIError):
        return error
    if isinstance(error, RequestValidationError):
        return worded(error)
    call, status = call_of(request.scope), getattr(error, "status_code", 404)
    if status == _BAD_REQUEST:
        # FastAPI says so of any error while it reads a body.
        return error.__cause__ if isinstance(error.__cause__, APIError) else requests.unreadable()
    if status == _WRONG_METHOD:
        return requests.invalid_method(call.method, call.path)
    if call.place.is_control:
        return _unknown_control(request, call)
    return not_doubled(call.method, call.path) or _unknown_url(call)


def _unknown_control(request: Request, call: Call[Any]) -> APIError:
    """Return the error of a control route that does not exist, with the one that was meant or all of them."""
    paths: list[str] = request.app.state.control_paths
    meant = did_you_mean(call.path.removeprefix(CONTROL), [path.removeprefix(CONTROL) for path in paths])
    advice = f"did you mean {CONTROL}{meant}?" if meant else f"there are {', '.join(paths)}."
    return APIError(f"Unknown control route: {call.method} {call.path}; {advice}", status=404, code="unknown_url")


def _unknown_url(call: Call[Any]) -> APIError:
    """Return the API's error for a path it does not have (endpoints#unknown-paths)."""
    if call.path.startswith("/openai/"):
        return resource_not_found()
    if call.path == "/v1" or call.path.startswith("/v1/"):
        return requests.invalid_url(call.method, call.path)
    return requests.unknown_url(call.method, call.path)


@dataclass(frozen=True, slots=True)
class FastAPIRoutes:
    """The handler of everything that FastAPI serves.

    Attributes:
        app: The FastAPI application.
        headers: The response headers of every answer.
        max_body: The largest body in bytes.
    """

    app: FastAPI
    headers: Headers
    max_body: int

    async def __call__(self, call: Call[Any]) -> None:
        """Answer a call.

        Raises:
            APIError: A route raised it, or there is no route.
        """
        pieces: list[bytes] = []
        body = BoundedBody(call, self.max_body)

        async def receive() -> Message:
            pieces.append(b"")  # something was read, even if it is refused
            message = await body.receive()
            pieces.append(message.get("body", b""))
            return message

        async def send(message: Message) -> None:
            if _REFUSED in call.scope:
                return
            if message["type"] == "http.response.start":
                call.status = message["status"]
                message["headers"] = [*message["headers"], *self.headers.of(call)]
            await call.send(message)

        if call.place.azure == "dated" and not names_version(call.query):
            raise resource_not_found()
        if call.place.path == self.app.openapi_url:
            await asyncio.to_thread(self.app.openapi)  # it takes a second, in which others want answers
        try:
            await self.app(call.scope, receive, send)
        except ClientDisconnect:
            raise ClientLeftError from None
        call.raw = await joined(pieces)
        if _REFUSED in call.scope:
            if not pieces and "expect" not in call.headers:
                await self._read_refused(call)
            raise call.scope.pop(_REFUSED)
        call.ended = "completed"

    async def _read_refused(self, call: Call[Any]) -> None:
        """Read the body of a request that was refused without it, for the journal, unless it is too large."""
        with contextlib.suppress(APIError):
            call.raw = await read_body(call.receive, call, self.max_body)
