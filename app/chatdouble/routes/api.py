"""The FastAPI application: every route but the hot one, the documentation, and the errors FastAPI would word itself."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatdouble import exchange as exchanges
from chatdouble.clock import Clock
from chatdouble.errors import APIError
from chatdouble.exchange import Exchange, invalid_url
from chatdouble.routes.invalid import worded
from chatdouble.validation.parsing import unreadable
from chatdouble.wire.bodies import error_body
from chatdouble.wire.headers import Headers

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
    """Return an object as the API prints it: indented by two, with a final newline (wire 3)."""
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
