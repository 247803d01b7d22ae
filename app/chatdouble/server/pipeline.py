"""The pipeline of every request: it begins a call, checks the key, answers errors and writes the journal."""

import logging
from asyncio import CancelledError, get_running_loop
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.types import Receive, Scope, Send

from chatdouble.backend import Call, Services
from chatdouble.backend.call import CALL, LARGE, MALFORMED
from chatdouble.backend.delivery import CONNECTION
from chatdouble.core.chance import request_id
from chatdouble.core.errors import APIError, ClientLeftError, server_error
from chatdouble.core.head import LANDING, RequestHeaders, given_key, request_path
from chatdouble.core.releasing import release
from chatdouble.http.headers import Headers, refuse
from chatdouble.http.paced_response import HangupError
from chatdouble.server.auth import ANONYMOUS, Auth, Caller, identity_of_key, named, session_of
from chatdouble.server.control.access import Access
from chatdouble.server.journal import Journal
from chatdouble.server.logs import report
from chatdouble.server.metrics import Metrics
from chatdouble.server.tracing import Tracing
from chatdouble.state.overrides import NO_OVERRIDES

_log: Final = logging.getLogger("chatdouble")

Handler = Callable[[Call[Any]], Awaitable[None]]
"""Answers a call. It may raise APIError until it has sent something."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pipeline:
    """The outermost ASGI application.

    Attributes:
        handlers: The handlers by method and path.
        others: Returns the handler of everything else.
        auth: Decides who may come in.
        access: Decides which web pages may.
        journal: Keeps what was asked and answered.
        services: Clock, chance, tokenizers and sessions.
        headers: The response headers of every answer.
        metrics: Counts requests.
        tracing: Traces them.
        control_headers: Applies the headers by which a request controls its own answer; None: they have no effect.
    """

    handlers: Mapping[tuple[str, str], Handler]
    others: Callable[[], Handler]
    auth: Auth
    access: Access
    journal: Journal
    services: Services
    headers: Headers
    metrics: Metrics
    tracing: Tracing
    control_headers: Handler | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; errors leave as the API's envelope."""
        place, services, extensions = request_path(scope["path"]), self.services, scope.get("extensions")
        call: Call[Any] = Call(
            method=scope["method"],
            path=scope["path"],
            place=place,
            headers=RequestHeaders(scope["headers"]),
            services=services,
            scope=scope,
            receive=receive,
            send=send,
            connection=extensions.get(CONNECTION) if extensions else None,
            arrived=services.clock.monotonic(),
        )
        scope[CALL], scope["path"] = call, place.path
        if place.is_open or (place.path == LANDING and wants_page(call)):
            self._name(call)
            await self._answer(call, self._opened)
        elif call.method == "OPTIONS" and "access-control-request-method" in call.headers and not place.is_guarded:
            self._name(call)
            await self._answer(call, _preflight)
        else:
            metrics, counted = self.metrics, not place.is_control
            metrics.running += counted
            try:
                await self._answer(call, self._serve)
            finally:
                metrics.running -= counted
                if call.room:
                    services.bodies.give(call.room)
                await self._note(call)
                if call.delivery.is_long or len(call.raw) > LARGE:
                    _release_values(call)
                scope.pop(CALL, None)  # the connection keeps the scope for longer than anybody needs the call

    async def _opened(self, call: Call[Any]) -> None:
        """Answer a request that needs no key: a probe, or one for the documentation."""
        if call.place.is_guarded:
            self.access.check_page(call.headers)
        handler = self.handlers.get((call.method, call.place.path)) or self.others()
        try:
            await handler(call)
        finally:
            if call.room:
                self.services.bodies.give(call.room)

    async def _answer(self, call: Call[Any], handler: Handler) -> None:
        """Answer a call with a handler; whatever it raises becomes an envelope or ends the connection."""
        try:
            await handler(call)
            if call.sending is not None:
                sending, call.sending = call.sending, None
                await sending
        except APIError as error:
            if call.ended == "completed":  # the answer has left; what follows it has failed
                _report_failure(call, error)
            else:
                await refuse(call, error, self.headers)
            _release(error)
        except ClientLeftError:
            call.ended = "client left"
        except (HangupError, CancelledError):
            call.ended = "cut"
            raise
        except Exception as wrong:  # noqa: BLE001 - the one place for what nobody foresaw
            _report_failure(call, wrong)
            if call.status:
                call.ended = "cut"
                _close(call)
            else:
                await refuse(call, server_error(), self.headers)

    async def _note(self, call: Call[Any]) -> None:
        """Count and log a call that has ended, and write it down; a mistake there costs nobody the answer."""
        try:
            connection = call.connection
            if connection and connection.unheard:
                call.status, call.ended = 0, "client left"
            self.metrics.count(call)
            if call.recording is not None:
                await call.recording
            telemetry = self.tracing.telemetry
            span = telemetry.record(call) if telemetry and not call.place.is_control else None
            if call.notes.warnings or _log.isEnabledFor(logging.INFO):
                report(call, span)
            if call.ordinal:  # else it belongs to no session, or its session could not be reached
                await self.journal.record(call)
        except Exception as wrong:  # noqa: BLE001 - as in `_answer`
            _report_failure(call, wrong)

    def _name(self, call: Call[Any]) -> None:
        """Give a call without a session its id."""
        call.chance = chance = self.services.chance.at(call.path)
        call.id = request_id(chance)

    async def _serve(self, call: Call[Any]) -> None:
        """Let a call in, and have it answered.

        Raises:
            APIError: The call is not let in, it has no key, it is not HTTP, or its answer is an error.
        """
        headers, place, services = call.headers, call.place, self.services
        try:
            watched = headers.is_controlling or place.is_guarded
            caller = self._let_in(call) if watched else self.auth.caller(headers)
        except APIError:
            self._turn_away(call)
            raise
        call.session = services.sessions.named(caller.session, caller.shown)
        if not place.is_control:
            try:
                call.ordinal, overrides = await call.session.enter()
            except APIError:  # 503: the state cannot be reached
                self._name(call)
                raise
            if overrides is not NO_OVERRIDES:
                call.follow(overrides)
            self.journal.begin(call)
        call.chance = chance = services.chance.at(caller.session, call.ordinal)
        call.id = request_id(chance)
        if not caller.has_key:
            if MALFORMED in call.scope:
                raise call.scope[MALFORMED]
            self.auth.check(None)
        if headers.is_controlling and self.control_headers and not place.is_control:
            await self.control_headers(call)
        handler = self.handlers.get((call.method, place.path)) or self.others()
        await handler(call)

    def _let_in(self, call: Call[Any]) -> Caller:
        """Return the caller of a request for control; its headers may name another session than its key does.

        Raises:
            APIError: The key is not accepted; a page of another server asks for control; or the name is no session's.
        """
        headers = call.headers
        self.access.check_page(headers)
        key = given_key(headers)
        if key is None:
            return named(ANONYMOUS if self.auth.required else session_of(headers, key), has_key=False)
        self.auth.check(key)
        return named(session_of(headers, key) if headers.is_controlling else identity_of_key(key))

    def _turn_away(self, call: Call[Any]) -> None:
        """Give a call that is not let in an id. Nothing is stored or counted in the session that it names."""
        key = given_key(call.headers)
        name = identity_of_key(key) if key else ANONYMOUS
        call.session, call.admitted = self.services.sessions.named(name), False
        call.ordinal = self.journal.turn_away()
        call.chance = chance = self.services.chance.at("turned away", "", call.ordinal)
        call.id = request_id(chance)


def wants_page(call: Call[Any]) -> bool:
    """Tell whether a browser asks for a page, and no client of the API for an answer."""
    return (
        call.method in ("GET", "HEAD") and "text/html" in call.headers.get("accept", "") and not given_key(call.headers)
    )


def _report_failure(call: Call[Any], wrong: Exception) -> None:
    """Log a failure of the server's own: a line, and at level debug the traceback."""
    _log.error("%s %s failed: %s: %s (%s)", call.method, call.path, type(wrong).__name__, wrong, call.id)
    _log.debug("the failure of %s", call.id, exc_info=wrong)


def _release_values(call: Call[Any]) -> None:
    """Have a thread free a long answer and a large request, as soon as this task has ended and nobody else has them."""
    loop, request, original = get_running_loop(), getattr(call, "request", None), call.original
    values = [call.result, getattr(call, "body", None), original and original.body, getattr(request, "__dict__", None)]
    loop.call_soon(loop.run_in_executor, None, release, values)
    call.result = None


def _release(error: BaseException | None) -> None:
    """Drop the tracebacks of an error: one of a frame that has the error is a cycle, which keeps the request's body."""
    while error is not None:
        error.__traceback__ = None
        error = error.__cause__ or error.__context__


def _close(call: Call[Any]) -> None:
    """Close the connection of a call whose answer cannot be completed.

    Raises:
        HangupError: The server gives no access to it.
    """
    connection = call.connection
    if connection is None:
        raise HangupError("the answer could not be completed")
    connection.hang_up()


async def _preflight(call: Call[Any]) -> None:
    """Answer a browser's preflight: any origin may ask the API, without control headers."""
    named: str = call.headers.get("access-control-request-headers", "*")
    asked = ",".join(name for name in named.split(",") if not name.strip().lower().startswith("x-double-"))
    headers = [
        (b"access-control-allow-origin", b"*"),
        (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS"),
        (b"access-control-allow-headers", asked.encode("latin-1")),
        (b"access-control-max-age", b"86400"),
        (b"content-length", b"0"),
    ]
    await call.send({"type": "http.response.start", "status": 200, "headers": headers})
    await call.send({"type": "http.response.body", "body": b""})
