"""Sending of what an upstream answers, as it comes."""

from collections.abc import AsyncIterator
from typing import Any

from chatdouble.backend import Call, Head, Pace, Relay
from chatdouble.http.paced_sending import faulty, send_paced
from chatdouble.http.relaying import Overheard, is_stream, noting_error, relayed, relayed_frames, relayed_whole, repaced
from chatdouble.http.sending import ERRORS
from chatdouble.http.shutdown import Shutdown


async def send_coming(call: Call[Any], reply: Relay, pace: Pace | None, shutdown: Shutdown | None) -> None:
    """Send an upstream's answer at a pace, and note it for the journal.

    Raises:
        APIError: The upstream failed before its first byte.
        HangupError: The answer was to be cut, and the server has no extension for that.
    """
    is_error = reply.status >= ERRORS
    heard = Overheard(call, reply) if call.is_journalled and not is_error else None
    body = noting_error(call, reply) if is_error else heard.body() if heard else reply.body
    await _send_relayed(call, Head(reply.status, tuple(reply.headers)), body, pace, shutdown)
    if heard:
        await heard.note()


async def _send_relayed(
    call: Call[Any], head: Head, body: AsyncIterator[bytes], pace: Pace | None, shutdown: Shutdown | None
) -> None:
    """Send an upstream's bytes, untouched or with the faults and gates of the call."""
    if not call.delivery.faults and not call.delivery.gates:
        await send_paced(call, head, repaced(relayed(body), pace), shutdown)
        return
    stream = is_stream(head)
    pieces = repaced(relayed_frames(body) if stream else relayed_whole(body), pace)
    unsized = Head(head.status, tuple(held for held in head.headers if held[0] != b"content-length"))
    await send_paced(call, unsized, faulty(call, pieces, stream=stream), shutdown)
