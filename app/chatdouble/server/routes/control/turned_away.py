"""The control route of the requests that were not let in."""

from typing import Literal

from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict

from chatdouble.backend import call_of
from chatdouble.server.control.access import Access
from chatdouble.server.control.control import Control
from chatdouble.server.entry import Entry
from chatdouble.server.routes.api import answered


class EntryList(TypedDict):
    """Entries of the journal.

    Attributes:
        object: `list`.
        data: The entries, oldest first.
    """

    object: Literal["list"]
    data: list[Entry]


def add(router: APIRouter, control: Control, access: Access) -> None:
    """Add the route to a router."""

    @router.get("/turned-away", operation_id="listTurnedAway", response_model=EntryList)
    async def turned_away(request: Request) -> Response:
        """List the requests that were not let in, such as those with a wrong key.

        They belong to no session. The list needs the control key; on the server's own machine, it does without
        if the server has none.
        """
        access.check_all(call_of(request.scope))
        return answered({"object": "list", "data": control.turned_away()})
