"""The endpoint of an API: read, check, ask the backend, send."""

import sys
from asyncio import to_thread
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from chatdouble.backend import Answer, Call, Relays, Reply
from chatdouble.backend.api import Api, Reader
from chatdouble.backend.call import LARGE
from chatdouble.core.errors import JSON, APIError, from_edge
from chatdouble.http.bodies import check_content_type, read_body
from chatdouble.http.headers import Headers
from chatdouble.http.sending import Sender
from chatdouble.http.shutdown import Shutdown
from chatdouble.layers.limits import Limits
from chatdouble.validation.azure import names_version, resource_not_found

_SCHEMAS: Final = "jsonschema"
"""The library that checks strict schemas. It takes long to import: a thread does that."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Endpoint:
    """Answers the requests of one API.

    Attributes:
        api: The API.
        reader: Its reader, which refuses what the API refuses.
        backend: The backend in its layers, the limits outermost.
        headers: The response headers of every answer.
        shutdown: Ends answers when the server stops.
        max_body: The largest body in bytes.
        relays: Tells whether the backend leaves validation to the API that it relays to; None: it never does.
        has_recordings: Tells whether the backend may answer with recordings; None: it never does.
    """

    api: Api
    reader: Reader
    backend: Limits
    headers: Headers
    shutdown: Shutdown
    max_body: int
    relays: Relays | None = None
    has_recordings: Callable[[], bool] | None = None

    async def __call__(self, call: Call[Any]) -> None:
        """Answer one request.

        Raises:
            APIError: An error of the API, before anything was sent.
            ClientLeftError: The client left before its request was whole.
        """
        call.judged = self.relays is None or not self.relays(call)
        call.raw = await read_body(call.receive, call, self.max_body)
        if call.on_body:
            call.on_body(call)
        try:
            if call.judged:
                await self._judge(call)
            else:
                call.validation = "off"
                await call.apart(self.reader.read_unjudged, call)
            if call.overrides.gates:
                await _choose_gates(call)
            await self._send(call, await self.backend.reply(call))
        finally:
            if self.api.release is not None:
                self.api.release(call)

    async def _send(self, call: Call[Any], reply: Reply) -> None:
        """Send the backend's reply in the terms of the API."""
        keep = self.api.keep
        if self.api.adapt is not None:
            reply = await call.apart(self.api.adapt, call, reply)
            if self.api.runs_on is not None and isinstance(reply, dict) and self.api.runs_on(reply):
                await keep(call, reply)
                keep = _kept_already
        if not self.api.has_limit_headers:
            call.delivery.rate_limits = ()
        sender = Sender(call, self.api.codec, self.headers.of(call), self.shutdown, keep)
        sending, delivery = sender.send(reply), call.delivery
        is_answer = isinstance(reply, dict)
        del reply  # an answer may be long, as may be the time until it is sent
        if is_answer and delivery.pace and not (delivery.faults or delivery.gates or self.api.release):
            call.sending = sending
            return
        try:
            await sending
        except APIError as error:  # of a stream's first piece: it carries what an answer would have
            error.headers = {**call.delivery.headers, **error.headers}
            raise

    async def _judge(self, call: Call[Any]) -> None:
        """Read a request, and refuse what the API refuses; a refusal counts toward the limits of its model.

        Raises:
            APIError: The API would not answer this request.
        """
        if call.headers.raw(b"content-type") != JSON:
            check_content_type(call.headers)
        # Not `in`, see `RequestHeaders`.
        if _SCHEMAS not in sys.modules and (
            len(call.raw) > LARGE or call.raw.find(b'"strict"') >= 0 or call.raw.find(b'"json_schema"') >= 0
        ):
            await to_thread(import_module, _SCHEMAS)
        counts_by = self.api.counts_by
        read = call.apart if counts_by is None or call.services.tokens.counts_at_once(counts_by) else call.in_thread
        try:
            await read(self.reader.read, call)
            if call.place.azure == "dated":
                _check_version(call)
            if self.api.recall is not None:
                call.has_recordings = self.has_recordings
                await self.api.recall(call)
        except APIError as error:
            if hasattr(call, "model") and not from_edge(error):
                left = await self.backend.count_refused(call)
                if self.api.refusals_have_limits:
                    call.delivery.rate_limits = left
            raise


async def _kept_already(_call: Call[Any], _answer: Answer) -> None:
    """Keep nothing, since the answer was kept before it was sent."""


def _check_version(call: Call[Any]) -> None:
    """Report a request that names no version of the API where Azure needs one (errors#azure)."""
    if not names_version(call.query):
        call.report(resource_not_found())


async def _choose_gates(call: Call[Any]) -> None:
    from chatdouble.layers.gates import choose  # noqa: PLC0415 - conditions of scripts, which most servers never need

    await choose(call)
