"""The control routes, `/_double/...`: all of them, noun by noun."""

from fastapi import APIRouter, Depends, Request

from chatdouble.backend import call_of
from chatdouble.core.head import CONTROL
from chatdouble.server.control.access import Access
from chatdouble.server.control.control import Control
from chatdouble.server.routes.control import (
    events,
    export,
    gates,
    overrides,
    requests,
    rules,
    session,
    state,
    turned_away,
    turns,
    verdict,
)
from chatdouble.server.routes.control.parts import check
from chatdouble.server.routes.route import Route


def routes(control: Control, access: Access) -> APIRouter:
    """Return the control routes."""
    router = APIRouter(prefix=CONTROL.rstrip("/"), tags=["control"], dependencies=[Depends(check)], route_class=Route)

    def whose(request: Request, named: str | None) -> str:
        return access.session(call_of(request.scope), named)

    for noun in (session, export, requests, events, state, turns, rules, gates, overrides, verdict):
        noun.add(router, control, whose)
    turned_away.add(router, control, access)
    return router
