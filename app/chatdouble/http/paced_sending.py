"""Sending pieces when they are due, and noting in their call how that ended."""

from typing import Any, Final

from chatdouble.backend import Call, Head
from chatdouble.backend.notes import Remade, Writes
from chatdouble.core.errors import server_error
from chatdouble.http.disturbing import disturbed, disturbed_head
from chatdouble.http.paced_response import HangupError, PacedResponse, Pieces
from chatdouble.http.pacing import DuePieces
from chatdouble.http.shutdown import Shutdown

_NO_CONNECTION: Final = (
    "The connection could not be cut before an answer, because this server gives no access to it: "
    "the client got a 500. Run the double with `chatdouble serve`."
)


async def send_paced(
    call: Call[Any], head: Head, pieces: Pieces | DuePieces, shutdown: Shutdown | None, frames: Remade | None = None
) -> None:
    """Send pieces with the faults of the call on their head, and note in the call how that ended.

    Args:
        call: The call that is answered.
        head: The response's head.
        pieces: The pieces.
        shutdown: Ends them when the server stops; None: nothing does.
        frames: What the pieces are, if it can be made again; None: the journal keeps them as they are sent.

    Raises:
        APIError: Nothing was sent: the pieces raised it, or the answer was to be cut and the server cannot do that.
        HangupError: The answer was to be cut, and the server has no extension for that.
    """
    if call.is_journalled:
        call.writes = Writes(frames)
    head = disturbed_head(head, call.delivery.faults)
    response = PacedResponse(head, pieces, call.started, shutdown, call.writes, call.services.lateness)
    status = head.status
    del head, pieces, frames
    try:
        await response(call.connection, call.receive, call.send)
    except HangupError:
        if response.begun:
            call.status = status
            raise
        call.notes.warn(_NO_CONNECTION)
        raise server_error() from None
    # A client that left before the first byte got no status.
    call.status, call.ended = status if response.begun else 0, response.ended
    call.first_written = response.first
    if response.ended == "client left" and call.delivery.over:
        call.ended = "completed"  # SDKs close the connection at `[DONE]`, however long the upstream keeps it
    elif response.ended == "client left" and not call.delivery.at_end:
        call.notes.unread = True


def faulty(call: Call[Any], pieces: Pieces, *, stream: bool) -> Pieces:
    """Return pieces with the faults and gates of a call."""
    ways = [fault.on_frames if stream else fault.on_body for fault in call.delivery.faults]
    pieces = disturbed(pieces, ways, call.elapsed)
    if not call.delivery.gates:
        return pieces
    from chatdouble.http.gating import gated  # noqa: PLC0415 - most servers have no gates

    return gated(call, pieces, stream=stream)
