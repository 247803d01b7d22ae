"""The FastAPI application: every route but the hot one, the documentation, and the errors FastAPI would word itself."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatdouble.backend import exchange as exchanges
from chatdouble.backend.exchange import Exchange, invalid_url
from chatdouble.core.clock import Clock
from chatdouble.core.errors import APIError
from chatdouble.core.headers import Headers
from chatdouble.http.bodies import error_body
from chatdouble.validation import wording
from chatdouble.validation.expectation import written
from chatdouble.validation.parsing import unreadable

Invalid = Mapping[str, Any]


def worded(invalid: RequestValidationError) -> APIError:
    """Return the API's error for the first thing that is wrong."""
    first: Invalid = invalid.errors()[0]
    path = written(first["loc"][1:])
    return _WORDS.get(first["type"], _wrong_type)(path, first)


def _missing(path: str, _invalid: Invalid) -> APIError:
    return wording.missing(path) if path else unreadable()


def _unknown(path: str, _invalid: Invalid) -> APIError:
    return wording.unknown(path, None)


def _below(path: str, invalid: Invalid) -> APIError:
    return wording.below(path, int(invalid["input"]), invalid["ctx"]["ge"], "integer")


def _above(path: str, invalid: Invalid) -> APIError:
    return wording.above(path, int(invalid["input"]), invalid["ctx"]["le"], "integer")


def _none_of(path: str, invalid: Invalid) -> APIError:
    allowed = invalid["ctx"]["expected"].replace("'", "").split(" or ")
    return wording.wrong_value(path, invalid["input"], allowed)


def _wrong_type(path: str, invalid: Invalid) -> APIError:
    return wording.wrong_type(path, _EXPECTED.get(invalid["type"], "an object"), invalid["input"])


_WORDS: Final[Mapping[str, Callable[[str, Invalid], APIError]]] = {
    "json_invalid": lambda _path, _invalid: unreadable(),
    "missing": _missing,
    "extra_forbidden": _unknown,
    "greater_than_equal": _below,
    "less_than_equal": _above,
    "literal_error": _none_of,
}
_EXPECTED: Final = {
    "int_parsing": "an integer",
    "int_parsing_size": "an integer",
    "int_from_float": "an integer",
    "string_type": "a string",
}


_TITLE: Final = "chatdouble"
"""Also the title of the API's contract at /openapi.json."""


def new_api() -> FastAPI:
    """Return the application without routes; errors leave it as the API's envelope, its docs need no network."""
    api = FastAPIOffline(
        title=_TITLE,
        description="A test double for the OpenAI Chat Completions API.",
        servers=[{"url": "/v1"}],
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    api.add_exception_handler(APIError, _refused)
    api.add_exception_handler(HTTPException, _unrouted)
    api.add_exception_handler(RequestValidationError, _invalid)
    return api


def answered(body: Any, status: int = 200) -> Response:
    """Return an object as the API prints it: indented by two, with a final newline (answers#formatting)."""
    text = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Response(text, status, media_type="application/json")


async def _refused(request: Request, error: Exception) -> Response:
    """Send an error that a route raised."""
    if not isinstance(error, APIError):
        raise error
    exchange = exchanges.of(request.scope)
    exchange.answer = error.envelope()
    exchange.error = error.message
    body, content_type = error_body(error)
    headers = {**error.headers, "content-type": content_type.decode("latin-1")}
    return Response(body, error.status, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    """Send the API's no to a query or body that FastAPI found wrong."""
    if not isinstance(error, RequestValidationError):
        raise error
    return await _refused(request, worded(error))


async def _unrouted(request: Request, error: Exception) -> Response:
    """Send the API's no to what Starlette could not route (404, 405), or FastAPI not read (400)."""
    exchange = exchanges.of(request.scope)
    status = getattr(error, "status_code", 404)
    return await _refused(request, _UNROUTED.get(status, invalid_url)(exchange))


def _invalid_method(exchange: Exchange) -> APIError:
    return APIError(f"Invalid method for URL ({exchange.method} {exchange.path})", status=405)


_UNROUTED: Final[Mapping[int, Callable[[Exchange], APIError]]] = {
    400: lambda _exchange: unreadable(),
    404: invalid_url,
    405: _invalid_method,
}


class Branded:
    """An ASGI application whose answers carry the API's headers.

    Args:
        app: What answers.
        headers: Makes the headers.
        clock: Tells how long it took.
    """

    def __init__(self, app: ASGIApp, headers: Headers, clock: Clock) -> None:
        self._app = app
        self._headers = headers
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request."""

        async def branding(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = self._headers.of(exchanges.of(scope), self._clock)
                message["headers"] = [*message["headers"], *more]
            await send(message)

        await self._app(scope, receive, branding)
