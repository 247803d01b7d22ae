"""The control routes, `/_double/...`: all of them, noun by noun."""

from fastapi import APIRouter, Depends, Request

from chatdouble.backend import call_of
from chatdouble.core.paths import CONTROL
from chatdouble.server.control.control import Control
from chatdouble.server.control.verdict import Verdicts
from chatdouble.server.routes.control import (
    events,
    export,
    gates,
    overrides,
    requests,
    rules,
    session,
    state,
    turns,
    verdict,
)
from chatdouble.server.routes.control.parts import check


def routes(control: Control, verdicts: Verdicts) -> APIRouter:
    """Return the control routes."""
    router = APIRouter(prefix=CONTROL.rstrip("/"), tags=["control"], dependencies=[Depends(check)])

    def whose(request: Request, named: str | None) -> str:
        return control.session(call_of(request.scope).headers, named)

    for noun in (session, export, requests, events, state, turns, rules, gates, overrides):
        noun.add(router, control, whose)
    verdict.add(router, verdicts, whose)
    return router
