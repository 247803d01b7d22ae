"""Requests to endpoints that the double does not have itself: relayed or replayed if the backend can."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import Message, Receive

from chatdouble.backend import Call, RelayOther
from chatdouble.core.head import LANDING
from chatdouble.http.bodies import read_body
from chatdouble.http.sending import send_relay
from chatdouble.http.shutdown import Shutdown
from chatdouble.layers.pace import made

Handler = Callable[[Call[Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class OtherEndpoints:
    """Answers requests to any endpoint but those with an `Endpoint`.

    Attributes:
        relay: The backend's answer.
        fallback: Returns the handler of requests that the backend does not answer.
        shutdown: Ends answers when the server stops.
        max_body: The largest body in bytes.
    """

    relay: RelayOther
    fallback: Callable[[], Handler]
    shutdown: Shutdown
    max_body: int

    async def __call__(self, call: Call[Any]) -> None:
        """Answer one request.

        Raises:
            APIError: The upstream cannot be reached, or there is no such endpoint.
            ClientLeftError: The client left before its request was whole.
        """
        if call.place.is_open or call.place.is_control or call.place.path == LANDING:
            await self.fallback()(call)
            return
        call.raw = await read_body(call.receive, call, self.max_body)
        if call.on_body:
            call.on_body(call)
        reply = await self.relay(call)
        if reply is None:
            call.receive = _again(call.raw, call.receive)
            await self.fallback()(call)
            return
        if call.delivery.wanted_pace is not None:
            call.delivery.pace = made(call.delivery.wanted_pace, call.chance.at("pace"))
        if call.overrides.gates:
            from chatdouble.layers.gates import choose  # noqa: PLC0415 - conditions, which most servers never need

            await choose(call, call.endpoint)
        await send_relay(call, reply, self.shutdown)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what receives a body that was read, and then what the client does."""
    left = [body]

    async def receive_again() -> Message:
        return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

    return receive_again
