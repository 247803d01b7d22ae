"""What every HTTP request passes, outermost first: the journal, browsers' preflights, errors, the key."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatdouble.backend import Services
from chatdouble.backend import exchange as exchanges
from chatdouble.backend.exchange import Exchange
from chatdouble.core.errors import APIError, ClientLeftError
from chatdouble.core.headers import Headers
from chatdouble.core.ids import request_id
from chatdouble.core.paths import request_path
from chatdouble.http.bodies import error_body
from chatdouble.http.paced_response import HangupError
from chatdouble.server.auth import Auth, given_key, session_of
from chatdouble.server.journal import Journal
from chatdouble.server.metrics import Metrics

_log: Final = logging.getLogger("chatdouble")
_REFUSED: Final = 400
_REQUESTS: Final = "requests"
"""The store's counter of a session's requests."""


@dataclass(frozen=True, slots=True)
class Front:
    """The outermost ASGI application.

    Attributes:
        find: Returns what answers a scope; it may raise APIError until it has sent something.
        auth: Who may come in.
        journal: Where exchanges are written down.
        services: Clock, chance and store.
        headers: The response headers of every answer.
        metrics: Where exchanges are counted.
    """

    find: Callable[[Scope], ASGIApp]
    auth: Auth
    journal: Journal
    services: Services
    headers: Headers
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; errors leave as the API's envelope."""
        place = request_path(scope["path"])
        exchange = exchanges.begin(scope, place, self.services.clock.monotonic())
        scope["path"] = place.path
        if place.is_open:
            await self.find(scope)(scope, receive, send)
        elif exchange.method == "OPTIONS" and "access-control-request-method" in exchange.headers:
            await self._preflight(exchange, send)
        else:
            await self._answer(exchange, scope, receive, send)
            seconds = self.services.clock.monotonic() - exchange.started
            self.metrics.count(exchange.method, place.path, exchange.status, seconds)
            self._report(exchange)
            if not place.is_control:
                await self.journal.record(exchange)

    async def _answer(self, exchange: Exchange, scope: Scope, receive: Receive, send: Send) -> None:
        def noting(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
            return send(message)

        try:
            key = given_key(exchange.headers)
            exchange.session = session = session_of(exchange.headers, key)
            if not exchange.place.is_control:
                exchange.own = await self.services.store.enter(session, _REQUESTS)
                exchange.ordinal = exchange.own[_REQUESTS]
            exchange.chance = self.services.chance.at(session, exchange.ordinal)
            exchange.id = request_id(exchange.chance.at("request"))
            self.auth.check(key)
            await self.find(scope)(scope, receive, noting)
        except APIError as error:
            await self._refuse(error, exchange, send)
        except ClientLeftError:
            exchange.ended = "client left"
        except HangupError:
            exchange.ended = "cut"
            raise
        except Exception:
            _log.exception("%s %s failed", exchange.method, exchange.path)
            if exchange.status:
                raise
            await self._refuse(_server_error(), exchange, send)

    async def _refuse(self, error: APIError, exchange: Exchange, send: Send) -> None:
        body, content_type = error_body(error)
        headers = self.headers.of_error(error, exchange, self.services.clock)
        headers += [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
        exchange.status = error.status
        exchange.answer = error.envelope()
        exchange.error = error.message
        exchange.ended = "refused"
        await send({"type": "http.response.start", "status": error.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _preflight(self, exchange: Exchange, send: Send) -> None:
        asked = exchange.headers.get("access-control-request-headers", "*")
        headers = [
            (b"access-control-allow-origin", b"*"),
            (b"access-control-allow-methods", b"GET, POST, PUT, DELETE, OPTIONS"),
            (b"access-control-allow-headers", asked.encode("latin-1")),
            (b"access-control-max-age", b"86400"),
            (b"content-length", b"0"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    def _report(self, exchange: Exchange) -> None:
        if exchange.status >= _REFUSED:
            _log.info(
                "%s %s %d %s", exchange.method, exchange.path, exchange.status, exchange.error, extra=_fields(exchange)
            )
        elif warnings := exchange.notes.get("warnings"):
            _log.warning(
                "%s %s %d %s",
                exchange.method,
                exchange.path,
                exchange.status,
                "; ".join(warnings),
                extra=_fields(exchange),
            )
        elif _log.isEnabledFor(logging.DEBUG):
            _log.debug("%s %s %d", exchange.method, exchange.path, exchange.status, extra=_fields(exchange))


def _server_error() -> APIError:
    return APIError(
        "The server had an error while processing your request. Sorry about that!", status=500, type="server_error"
    )


def _fields(exchange: Exchange) -> dict[str, object]:
    return {"request_id": exchange.id, "session": exchange.session, "status": exchange.status}
