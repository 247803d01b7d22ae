"""The control routes of the journal: list requests, read one whole, wait for some, forget them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from chatdouble.core.errors import ErrorResponse
from chatdouble.server.control.control import Control
from chatdouble.server.control.requests import Page
from chatdouble.server.entry import Detail
from chatdouble.server.routes.api import answered, answered_apart
from chatdouble.server.routes.control.parts import Cleared, Sessions, Whose, typed_body, value
from chatdouble.server.selection import AwaitedSelection, parsed_when
from chatdouble.server.summaries import SummaryPage

_WAIT: Final = typed_body(
    "The number of requests to wait for, the longest wait in seconds, and the selection as in the query of the list.",
    {"count": 2, "when": {"user": "Hello!"}, "timeout": 5},
    AwaitedSelection,
)
_TIMED_OUT: Final[dict[int | str, dict[str, Any]]] = {
    408: {"model": ErrorResponse, "description": "Too few requests came in time."}
}

_FEW: Final = 100
"""Requests in short that are written faster than a thread is given them."""

RequestId = Annotated[str, Path(description="The request's id, the `x-request-id` of its answer.")]


class Asked(BaseModel):
    """The query of a list of requests."""

    session: str | None = Field(None, description="Another session, or * for all; needs the control key.")
    id: str | None = Field(None, description="The id of a single request.")
    status: str | None = Field(None, description="The answer's status, or a class such as 4xx; 0 in flight.")
    model: str | None = Field(None, description="The model asked for; * stands for any characters.")
    rule: str | None = Field(None, description="The rule that answered, `queue` for a queued reply; with *.")
    path: str | None = Field(None, description="The path; with *.")
    since: str | None = Field(None, description="The earliest arrival: seconds since 1970, or ISO 8601.")
    text: str | None = Field(None, description="A text in the request or its answer, in any case.")
    problem: str | None = Field(None, description="A problem by its name in the verdict; * for any.")
    when: str | None = Field(None, description="Conditions of a script as JSON.", examples=['{"user": "Hello!"}'])

    def selection(self) -> dict[str, Any]:
        """Return what is selected, as `Selection` reads it."""
        names = {"id", "status", "model", "rule", "path", "since", "text", "problem"}
        given = self.model_dump(include=names, exclude_none=True)
        return given if self.when is None else {**given, "when": parsed_when(self.when)}


class AskedSummaries(Asked):
    """The query of a list of requests in short."""

    newest: int | None = Field(None, ge=1, le=1_000_000, description="The most requests to return, the newest ones.")


class AskedPage(Asked):
    """The query of a page of requests."""

    limit: int | None = Field(None, ge=1, le=1_000_000, description="The most requests to return; all by default.")
    after: str | None = Field(None, description="The id of the request after which to begin.")


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""

    @router.get("/requests", operation_id="listRequests", response_model=Page)
    async def requests(request: Request, asked: Annotated[AskedPage, Query()]) -> Response:
        """List the session's requests with their answers, the rule that matched and the near misses.

        All that the query gives must hold. Oldest first; requests in flight are last.
        """
        session = whose(request, asked.session)
        return await answered_apart(await control.requests.page(session, asked.selection(), asked.limit, asked.after))

    @router.get("/requests/summaries", operation_id="listSummaries", response_model=SummaryPage)
    async def summaries(request: Request, asked: Annotated[AskedSummaries, Query()]) -> Response:
        """List the session's requests in short, one line of a list for each, as the inspector shows them.

        With `newest` and no selection, the older ones are not read: conversations and problems are found among those
        that are returned.
        """
        page = await control.requests.summaries(whose(request, asked.session), asked.selection(), asked.newest)
        return answered(page) if len(page["data"]) <= _FEW else await answered_apart(page)

    @router.delete("/requests", operation_id="clearRequests", response_model=Cleared)
    async def clear(request: Request, session: Sessions = None) -> Response:
        """Forget the session's requests that have ended, and nothing else."""
        await control.requests.clear(whose(request, session))
        return answered({"cleared": True})

    _add_one(router, control, whose)


def _add_one(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes that wait for requests and show one whole."""

    @router.post(
        "/requests/wait",
        operation_id="waitForRequests",
        response_model=Page,
        responses=_TIMED_OUT,
        openapi_extra=_WAIT,
    )
    async def wait(request: Request, session: Sessions = None) -> Response:
        """Wait until so many requests are selected, those in flight included, and list them."""
        return await answered_apart(await control.requests.wait(whose(request, session), await value(request)))

    @router.get("/requests/{request_id}", operation_id="retrieveRequest", response_model=Detail)
    async def retrieve(request: Request, request_id: RequestId, session: Sessions = None) -> Response:
        """Show one request whole.

        It has its answer, the times of its chunks, the rule that matched, the condition at which each of the nearest
        others failed, and all attempts at it.
        """
        return await answered_apart(await control.requests.one(whose(request, session), request_id))
