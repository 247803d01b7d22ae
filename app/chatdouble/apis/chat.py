"""POST /chat/completions: the one way a request for an answer travels."""

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from starlette.types import Receive, Scope, Send

from chatdouble.backend import Backend, Call, Relays, Services
from chatdouble.backend import exchange as exchanges
from chatdouble.backend.exchange import Exchange
from chatdouble.core.errors import APIError
from chatdouble.core.headers import Headers, as_texts
from chatdouble.http.bodies import check_content_type, read_body
from chatdouble.http.connection import Channel, Shutdown
from chatdouble.http.sending import send_reply
from chatdouble.layers.overrides import in_session
from chatdouble.state.stored_completions import Stored
from chatdouble.validation.checking import Checked, Checker

if TYPE_CHECKING:
    from chatdouble.schema.completion import Completion


@dataclass(frozen=True, slots=True)
class ChatCompletions:
    """The endpoint as an ASGI application: read, check, ask the backend, send.

    Attributes:
        backend: What answers, all layers included.
        checker: What refuses.
        services: What every call may use.
        headers: The response headers of every answer.
        stored: Where `store: true` keeps answers.
        shutdown: Who ends answers when the server stops.
        max_body: The largest body in bytes.
        relays: Tells whether the backend leaves a request's validation to the API it relays to; None: it never does.
    """

    backend: Backend
    checker: Checker
    services: Services
    headers: Headers
    stored: Stored
    shutdown: Shutdown
    max_body: int
    relays: Relays | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            APIError: The API says no, before anything was sent.
            ClientLeftError: The client went before its request was whole.
        """
        # The event loop's time, without asking for the loop, which costs a system call (Python 3.11).
        channel = Channel(scope, receive, send, self.shutdown, started=time.monotonic())
        exchange = exchanges.of(scope)
        judged = self.relays is None or not await self.relays(self.services, exchange.session, exchange.headers)
        if judged:
            check_content_type(exchange.headers)
        raw = await read_body(receive, exchange.headers, self.max_body)
        read = self.checker.read if judged else self.checker.unjudged
        checked = read(raw, deployment=exchange.place.deployment)
        _note(raw, checked, exchange, judged=judged)
        call = self._call(raw, checked, channel, exchange)
        if not judged:
            call.validation = "off"
        reply = await self.backend.reply(call)
        headers = self.headers.of(exchange, self.services.clock)
        try:
            outcome = await send_reply(reply, call, channel, headers)
        except APIError as error:  # of a stream's first chunk: it carries what an answer would have
            error.headers = {**as_texts(call.delivery.rate_limits), **call.delivery.headers, **error.headers}
            raise
        exchange.status = outcome.status
        exchange.answer = outcome.sent or outcome.answer
        exchange.ended = outcome.ended
        if call.request.store and outcome.answer:
            await self.stored.keep(call, cast("Completion", outcome.answer))

    def _call(self, raw: bytes, checked: Checked, channel: Channel, exchange: Exchange) -> Call:
        call = Call(
            request=checked.request,
            body=checked.body,
            raw=raw,
            headers=exchange.headers,
            model=checked.model,
            session=exchange.session,
            id=exchange.id,
            ordinal=exchange.ordinal,
            chance=exchange.chance,
            services=in_session(self.services, exchange.own),
            own=exchange.own,
            plain=checked.plain,
            query=channel.scope["query_string"],
            deployment=exchange.place.deployment,
            validation=self.checker.mode,
            client_gone=channel.gone,
            notes=exchange.notes,
        )
        if checked.warnings:
            call.delivery.warnings.extend(checked.warnings)
        return call


def _note(raw: bytes, checked: Checked, exchange: Exchange, *, judged: bool) -> None:
    """Tell the journal what was read, and what there is to warn of."""
    # What nobody judges need not be JSON.
    exchange.body = raw if judged else checked.body
    if checked.warnings:
        exchange.notes["warnings"] = checked.warnings
    if judged and not checked.model.known:
        exchange.unknown_model = checked.model.id
