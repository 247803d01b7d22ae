"""The control route of the events of the journal."""

from collections.abc import AsyncGenerator, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from chatdouble.core.json import encode
from chatdouble.http.disturbing import closing
from chatdouble.server.auth import ALL, identity_of
from chatdouble.server.control.control import Control
from chatdouble.server.events import Dropped, Event
from chatdouble.server.routes.control.parts import Sessions, Whose

_DESCRIBED: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The events, without end.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}

_LISTENING: Final = ServerSentEvent(comment="listening")
"""Sent first, so that the client has the head before the first event."""

Changes = Annotated[bool, Query(description="Whether to tell only that something is new.")]
Seen = Annotated[str | None, Header(alias="last-event-id", description="The id of the last event that was seen.")]


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the route to a router."""

    @router.get("/events", operation_id="listenToRequests", response_class=Response, responses=_DESCRIBED)
    async def events(
        request: Request, session: Sessions = None, changes: Changes = False, seen: Seen = None
    ) -> Response:
        """Stream the session's requests as they come and end.

        `request` is an entry in flight, when its body has come, and `entry` one that has ended. `dropped` has the
        `count` of events that came before and are not kept any more. With `?changes=true` there is only `changed`, at
        most ten times a second, with the `sessions` in which something is new. The stream ends when the server stops.
        """
        name = whose(request, session)
        if changes:
            changed = control.events.changes(None if name == ALL else identity_of(name))
            return EventSourceResponse(_changed(changed))
        found = control.events.listen(None if name == ALL else identity_of(name), seen)
        return EventSourceResponse(_sent(found, control.events.id_of))


async def _changed(changes: AsyncGenerator[frozenset[str]]) -> AsyncGenerator[ServerSentEvent]:
    async with closing(changes):
        async for sessions in changes:
            data = encode({"sessions": sorted(sessions)}).decode()
            yield ServerSentEvent(data, event="changed") if sessions else _LISTENING


async def _sent(
    events: AsyncGenerator[Event | Dropped | None], id_of: Callable[[Event | Dropped], str]
) -> AsyncGenerator[ServerSentEvent]:
    async with closing(events):
        async for event in events:
            if event is None:
                yield _LISTENING
            elif isinstance(event, Dropped):
                yield ServerSentEvent(encode({"count": event.missed}).decode(), event="dropped", id=id_of(event))
            else:
                yield ServerSentEvent(event.data, event=event.kind, id=id_of(event))
