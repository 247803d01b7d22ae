"""The control routes of gates: set, show, list and delete them; wait at one, release and abort what it holds."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Path, Request, Response
from typing_extensions import TypedDict

from chatdouble.core.errors import ErrorResponse
from chatdouble.layers.gates import GateSpec
from chatdouble.server.control.control import Control
from chatdouble.server.control.gates import AbortSpec, ReleaseSpec, ShownGate, WaitSpec
from chatdouble.server.routes.api import answered
from chatdouble.server.routes.control.parts import Session, Whose, optional_value, typed_body

_GATE: Final = typed_body("Which answers stop, and where.", {"after_chunks": 2}, GateSpec, required=False)
_WAIT: Final = typed_body(
    "How long, and for how many answers; omit it for one and 5 seconds.", {"timeout": 5}, WaitSpec, required=False
)
_RELEASE: Final = typed_body(
    "Which answers go on, and how far; omit it for all.", {"chunks": 1}, ReleaseSpec, required=False
)
_ABORT: Final = typed_body(
    "Which answers end, and how; omit it for all.", {"how": "disconnect"}, AbortSpec, required=False
)
_TOO_LATE: Final[dict[int | str, dict[str, Any]]] = {
    408: {"model": ErrorResponse, "description": "Nothing has arrived in time."}
}


class GateList(TypedDict):
    """The gates of a session.

    Attributes:
        object: `list`.
        data: The gates, in the order in which they were set.
    """

    object: Literal["list"]
    data: list[ShownGate]


class Deleted(TypedDict):
    """A gate that was removed.

    Attributes:
        name: Its name.
        deleted: True.
    """

    name: str
    deleted: Literal[True]


Name = Annotated[str, Path(description="The gate's name.", examples=["second-chunk"])]


def add(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes to a router."""
    gates = control.gates
    _add_definitions(router, control, whose)

    @router.post(
        "/gates/{name}/wait",
        operation_id="waitAtGate",
        response_model=ShownGate,
        openapi_extra=_WAIT,
        responses=_TOO_LATE,
    )
    async def wait(request: Request, name: Name, session: Session = None) -> Response:
        """Wait until an answer has arrived at a gate, or until its client has left."""
        given = await optional_value(request)
        return answered(await gates.wait(whose(request, session), name, given))

    @router.post("/gates/{name}/release", operation_id="releaseGate", response_model=ShownGate, openapi_extra=_RELEASE)
    async def release(request: Request, name: Name, session: Session = None) -> Response:
        """Let the answers at a gate go on: all or some, for good or by some chunks."""
        given = await optional_value(request)
        return answered(await gates.release(whose(request, session), name, given))

    @router.post("/gates/{name}/abort", operation_id="abortAtGate", response_model=ShownGate, openapi_extra=_ABORT)
    async def abort(request: Request, name: Name, session: Session = None) -> Response:
        """End the answers at a gate: close or reset their connections, or send an error."""
        given = await optional_value(request)
        return answered(await gates.abort(whose(request, session), name, given))


def _add_definitions(router: APIRouter, control: Control, whose: Whose) -> None:
    """Add the routes that set, show, list and delete gates."""
    gates = control.gates

    @router.get("/gates", operation_id="listGates", response_model=GateList)
    async def listed(request: Request, session: Session = None) -> Response:
        """List the session's gates with the answers that wait at them."""
        return answered({"object": "list", "data": await gates.listed(whose(request, session))})

    @router.get("/gates/{name}", operation_id="showGate", response_model=ShownGate)
    async def get(request: Request, name: Name, session: Session = None) -> Response:
        """Show a gate: who waits at it, since when, and whose client has left."""
        return answered(await gates.show(whose(request, session), name))

    @router.put("/gates/{name}", operation_id="setGate", response_model=ShownGate, openapi_extra=_GATE)
    async def put(request: Request, name: Name, session: Session = None) -> Response:
        """Set a gate, at which matching answers of the session stop."""
        given = await optional_value(request)
        return answered(await gates.put(whose(request, session), name, given))

    @router.delete("/gates/{name}", operation_id="deleteGate", response_model=Deleted)
    async def delete(request: Request, name: Name, session: Session = None) -> Response:
        """Remove a gate, and let go on what waits at it."""
        await gates.delete(whose(request, session), name)
        return answered({"name": name, "deleted": True})
