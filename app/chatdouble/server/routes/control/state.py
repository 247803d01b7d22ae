"""The control routes that show sessions."""

from fastapi import APIRouter, Request, Response

from chatdouble.server.auth import ALL
from chatdouble.server.control.control import Control
from chatdouble.server.control.state import SessionList, SessionState
from chatdouble.server.routes.api import answered_apart
from chatdouble.server.routes.control.parts import Session, Whose


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.get("/session", operation_id="showSession", response_model=SessionState)
    async def show(request: Request, session: Session = None) -> Response:
        """Show everything that the session has: what waits, what was counted, what it sets."""
        return await answered_apart(await control.state(control.one(whose(request, session)).name))

    @router.get("/sessions", operation_id="listSessions", response_model=SessionList)
    async def sessions(request: Request) -> Response:
        """List all sessions; this needs the control key."""
        whose(request, ALL)
        return await answered_apart(await control.state.all())
